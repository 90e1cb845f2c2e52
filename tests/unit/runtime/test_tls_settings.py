"""TLS by setting: what is refused before anything is connected, in one line that says which file or address."""

import ssl
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.runtime.adapters.mongo_errors import away
from shared.runtime.settings import Settings, SettingsError
from shared.runtime.tls import Tls, TlsError, refusal, verified
from tests.support.certificates import Certificates, certificates

AMQPS = "amqps://matching:secret@broker:5671/"
MONGO = "mongodb://matching:secret@database/"


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return certificates(tmp_path_factory.mktemp("others"))


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch, own: Certificates) -> Callable[..., Settings]:
    def read(**changes: object) -> Settings:
        values = {"AMQP_URL": AMQPS, "MONGO_URL": MONGO, "TLS_CA": own.ca, **changes}
        for name, value in values.items():
            monkeypatch.setenv(f"TANDEM_{name}", str(value))
        return Settings.read()

    return read


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"AMQP_URL": "amqp://matching:secret@broker:5672/"}, "write amqps://"),
        ({"AMQP_URL": f"{AMQPS},amqp://matching:secret@two:5672/"}, "write amqps://"),
        ({"AMQP_URL": f"{AMQPS}?no_verify_ssl=1"}, "switches TLS or its checks off"),
        ({"MONGO_URL": f"{MONGO}?tls=false"}, "switches TLS or its checks off"),
        ({"MONGO_URL": f"{MONGO}?w=1&ssl=FALSE"}, "switches TLS or its checks off"),
        ({"MONGO_URL": f"{MONGO}?tlsInsecure=true"}, "switches TLS or its checks off"),
        ({"MONGO_URL": f"{MONGO}?tlsAllowInvalidHostnames=true"}, "switches TLS or its checks off"),
        ({"MONGO_URL": f"{MONGO}?tlsallowinvalidcertificates=true"}, "switches TLS or its checks off"),
        ({"TLS_CA": "/nowhere"}, "TANDEM_TLS_CA names no CA's certificate"),
        ({"TLS_CA": __file__}, "TANDEM_TLS_CA names no CA's certificate"),
        ({"TLS_KEY": __file__}, "TANDEM_TLS_KEY goes with TANDEM_TLS_CERT"),
        ({"TLS_CERT": "/nowhere"}, "TANDEM_TLS_CERT and TANDEM_TLS_KEY are no certificate with its key"),
    ],
)
def test_who_is_told_to_use_tls_starts_with_no_address_that_would_do_without(
    told: Callable[..., Settings], changes: dict[str, object], says: str
) -> None:
    with pytest.raises(SettingsError, match=says) as refused:
        told(**changes).tls()
    assert "secret" not in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


def test_an_amqps_address_alone_asks_for_tls_and_a_plain_one_for_none(
    told: Callable[..., Settings], own: Certificates
) -> None:
    assert told().tls() == Tls(own.ca)
    assert told(TLS_CA="").tls() == Tls()
    assert told(TLS_CA="", AMQP_URL="amqp://matching:secret@broker/").tls() is None


def test_a_key_that_is_not_the_certificate_s_is_refused(
    told: Callable[..., Settings], own: Certificates, other: Certificates
) -> None:
    with pytest.raises(SettingsError, match="TANDEM_TLS_CERT and TANDEM_TLS_KEY are no certificate with its key"):
        told(TLS_CERT=own.client_cert, TLS_KEY=other.client_key).tls()
    with pytest.raises(SettingsError, match="TANDEM_HTTP_CERT and TANDEM_HTTP_KEY are no certificate with its key"):
        told(HTTP_CERT=own.server_cert, HTTP_KEY=other.server_key).https()
    with pytest.raises(SettingsError, match="TANDEM_HTTP_KEY goes with TANDEM_HTTP_CERT"):
        told(HTTP_CERT="", HTTP_KEY=own.server_key).https()
    assert told(HTTP_CERT=own.server_cert, HTTP_KEY=own.server_key).https() is not None


def test_a_client_checks_the_other_side_s_certificate_and_name(own: Certificates) -> None:
    context = Tls(own.ca).context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_a_certificate_and_its_key_become_one_file_for_the_database_s_driver_and_never_touch_the_disk(
    own: Certificates,
) -> None:
    with Tls(own.ca, own.client_cert, own.client_key).for_mongo() as options:
        pair = Path(options["tlsCertificateKeyFile"])
        assert str(pair).startswith("/proc/self/fd/")
        ssl.create_default_context().load_cert_chain(pair)
        assert (options["tls"], options["tlsCAFile"]) == (True, str(own.ca))
    assert not pair.exists()
    with Tls(own.ca).for_mongo() as options:
        assert options == {"tls": True, "tlsCAFile": str(own.ca)}


def test_why_tls_failed_is_found_below_what_a_driver_made_of_it() -> None:
    inner = ssl.SSLCertVerificationError("CERTIFICATE_VERIFY_FAILED")
    inner.verify_message = "unable to get local issuer certificate"
    outer = ConnectionError("lost")
    outer.__cause__ = inner
    assert refusal(outer) == (
        "its certificate is refused: unable to get local issuer certificate; is TANDEM_TLS_CA its CA?"
    )
    assert refusal(ConnectionError("lost")) is None
    assert away(ConnectionError("lost")) == "the database is away (ConnectionError)"


def test_an_http_client_is_held_to_the_environment_s_ca(monkeypatch: pytest.MonkeyPatch, own: Certificates) -> None:
    verified.cache_clear()
    try:
        monkeypatch.setenv("TANDEM_TLS_CA", "/nowhere")
        with pytest.raises(TlsError, match="TANDEM_TLS_CA"):
            verified()
        monkeypatch.setenv("TANDEM_TLS_CA", str(own.ca))
        assert isinstance(verified(), ssl.SSLContext)
    finally:
        verified.cache_clear()
