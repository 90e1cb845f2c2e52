import json

import pytest

from shared.cli import sbom


@pytest.mark.parametrize("service", ["registration", "matching"])
def test_the_bill_of_an_image_lists_each_package_of_it_and_no_other(
    capsys: pytest.CaptureFixture[str], service: str
) -> None:
    sbom.sbom(service)
    bill = json.loads(capsys.readouterr().out)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    listed = {f"{part['name']}=={part['version']}" for part in bill["components"]}
    assert listed == set(sbom.packages_of(service))
    assert ("numba" in str(listed)) == (service == "matching")
    assert bill["metadata"]["component"]["name"] == "tandem"
