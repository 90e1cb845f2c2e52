import base64

import pytest

from services.evaluation.documents import DOCUMENTS, Wanted
from services.evaluation.page.pdf import lacks
from services.evaluation.page.render import page
from services.evaluation.service import service
from shared.contracts import evaluation as e
from shared.runtime.table import Job, Reader, Written
from shared.runtime.worker import ProcessWorker
from tests.support.reports import pilot
from tests.unit.evaluation.people import an_asked_programme


def test_the_office_reads_the_report_that_was_published_last() -> None:
    scenario = an_asked_programme()
    assert scenario.document("report", "pilot", "de") is None
    for version in (1, 2):
        said = scenario.when(e.RequestReport(programme_id="pilot")).one(e.ReportPublished)
        assert said.version == version
        assert scenario.document("report", "pilot", "en") == Wanted(report=said, language="en")
        assert "Is the frequency of meetings right?" in page(said)
    assert service.documents == DOCUMENTS


async def no_inputs(ref: str, read: Reader) -> Wanted:
    raise LookupError(ref)


async def no_beat() -> None:
    return None


@pytest.mark.long
@pytest.mark.parametrize(("ending", "begins"), [("", b"<!DOCTYPE html>"), ("pdf", b"%PDF-")])
async def test_each_form_is_made_in_a_process_of_its_own(ending: str, begins: bytes) -> None:
    if ending == "pdf" and lacks():
        pytest.skip("this machine has no Pango")
    worker, form = ProcessWorker(), DOCUMENTS[0].forms[ending]
    wanted = Wanted(report=pilot(), language="en")
    try:
        [(_, made)] = (
            await worker.run(Job("report", no_inputs, form.work), wanted, no_beat, lambda piece: None)
        ).pieces
    finally:
        await worker.close()
    assert base64.b64decode(Written.model_validate(made).content).startswith(begins)
