import httpx
import pytest

from shared.runtime.gateway import Gateway


def door(upstream: "httpx.MockTransport") -> httpx.AsyncClient:
    gateway = Gateway(frozenset({"matching", "scheduling"}), httpx.AsyncClient(transport=upstream))
    return httpx.AsyncClient(transport=httpx.ASGITransport(gateway), base_url="http://door")


async def test_a_request_goes_to_the_service_that_its_path_names_with_token_query_and_body() -> None:
    seen: list[httpx.Request] = []

    def service(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(201, text="matching's", headers={"content-type": "text/plain"})

    async with door(httpx.MockTransport(service)) as client:
        answer = await client.post(
            "/matching/known/a%20b?since=1",
            content=b"body",
            headers={"authorization": "Bearer t", "tandem-actor": "o-17", "cookie": "c"},
        )
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (201, "matching's", "text/plain")
    [request] = seen
    assert str(request.url) == "http://matching:8080/known/a%20b?since=1"
    assert (request.method, request.read()) == ("POST", b"body")
    assert request.headers["authorization"] == "Bearer t"
    assert request.headers["tandem-actor"] == "o-17", "the audit names who reads"
    assert "cookie" not in request.headers


async def test_the_methods_that_a_service_allows_are_passed_on() -> None:
    def service(request: httpx.Request) -> httpx.Response:
        return httpx.Response(405, json={"error": "POST"}, headers={"allow": "POST"})

    async with door(httpx.MockTransport(service)) as client:
        answer = await client.get("/matching/my-data/token")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.headers["referrer-policy"] == "no-referrer"


async def test_what_readers_of_a_feed_have_already_is_passed_on_both_ways() -> None:
    def service(request: httpx.Request) -> httpx.Response:
        known = request.headers.get("if-none-match") == '"a"'
        headers = {"etag": '"a"', "last-modified": "Mon, 01 Mar 2027 00:00:00 GMT", "content-type": "text/x"}
        return httpx.Response(304 if known else 200, text="" if known else "feed", headers=headers)

    async with door(httpx.MockTransport(service)) as client:
        first = await client.get("/matching/stories.atom")
        again = await client.get("/matching/stories.atom", headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")
    assert again.headers["cache-control"] == "no-cache", "it may be kept, and is asked for again"
    assert again.headers["last-modified"] == "Mon, 01 Mar 2027 00:00:00 GMT"


async def test_a_name_that_no_service_has_leads_nowhere() -> None:
    def nobody(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    async with door(httpx.MockTransport(nobody)) as client:
        for path in ("/", "/mongodb/x", "/rabbitmq:15672/api", "//evil/x", "/matching@evil/"):
            assert (await client.get(f"http://door{path}")).status_code == 404, path
        assert (await client.get("/health/ready")).json() == {"status": "UP"}


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (httpx.ConnectError("refused"), 502, "matching cannot be reached"),
        (httpx.ReadTimeout("late"), 504, "matching does not answer"),
    ],
)
async def test_a_service_that_is_away_is_one_line(error: Exception, status: int, says: str) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise error

    async with door(httpx.MockTransport(away)) as client:
        answer = await client.get("/matching/metrics")
    assert answer.status_code == status
    assert says in answer.json()["error"]


async def test_what_is_too_large_is_refused() -> None:
    async with door(httpx.MockTransport(lambda request: httpx.Response(200))) as client:
        assert (await client.post("/matching/known", content=b"x" * (8 * 1024 * 1024 + 1))).status_code == 413
