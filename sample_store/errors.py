"""The errors the shop answers with: status and body, word for word as measured (docs/MAGENTO.md, Errors).

Magento's bodies come in four shapes: `message` with `parameters`, `messages.error[]`, plain text
and HTML. All of them are an `ApiError` here, so that a handler raises and the server answers.
"""

from __future__ import annotations

from sample_store.php import encode, report_id

JSON = "application/json; charset=utf-8"
HTML = "text/html; charset=UTF-8"
TEXT = "text/plain; charset=utf-8"


class ApiError(Exception):
    """An answer that is not the one asked for.

    Args:
        status: HTTP status code.
        body: The whole body.
        content_type: Its media type.
        headers: Further headers, such as `Retry-After`.
    """

    def __init__(
        self,
        status: int,
        body: bytes,
        content_type: str = JSON,
        headers: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(f"{status} {body[:200]!r}")
        self.status = status
        self.body = body
        self.content_type = content_type
        self.headers = headers


def message(status: int, text: str, parameters: object = None) -> ApiError:
    """Make the common shape: `message`, and `parameters` for its `%name` placeholders if any."""
    content: dict[str, object] = {"message": text}
    if parameters is not None:
        content["parameters"] = parameters
    return ApiError(status, encode(content))


def page(status: int, title: str, headers: tuple[tuple[str, str], ...] = ()) -> ApiError:
    """Make an HTML error as nginx or PHP's error page shows it."""
    heading = f"{status} {title}"
    body = (
        f"<html>\r\n<head><title>{heading}</title></head>\r\n<body>\r\n"
        f"<center><h1>{heading}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    )
    return ApiError(status, body.encode(), HTML, headers)


def maintenance() -> ApiError:
    """Make the page of a shop in maintenance, as Magento itself shows it (docs/MAGENTO.md, Errors)."""
    body = (
        "<!doctype html>\n<html>\n<head>\n    <title>Error 503: Service Unavailable</title>\n"
        '    <base href="/errors/default/" />\n</head>\n'
        "<body><h1>Service Temporarily Unavailable</h1></body>\n</html>\n"
    )
    return ApiError(503, body.encode(), HTML)


def internal() -> ApiError:
    """Make the masked 500 of an exception, with a fresh report id."""
    return message(
        500,
        f"Internal Error. Details are available in Magento log file. Report ID: {report_id()}",
    )


def fatal() -> ApiError:
    """Make the 500 of PHP giving up, for example when memory is exhausted (docs/MAGENTO.md, Page size limits)."""
    number = int(report_id().removeprefix("webapi-"), 16) % 10**12
    text = f"Server internal error. See details in report api/{number}"
    return ApiError(500, encode({"messages": {"error": [{"code": 500, "message": text}]}}))


def crashed() -> ApiError:
    """Make the plain 500 of an error outside of the API's own handling, as text."""
    text = b"An error has happened during application run. See exception log for details."
    return ApiError(500, text, TEXT)


def unauthorized(resource: str) -> ApiError:
    """Make the 401 of a missing, wrong, expired or insufficient token: they all look the same."""
    return message(401, "The consumer isn't authorized to access %resources.", {"resources": resource})


def sign_in_failed() -> ApiError:
    """Make the 401 of a wrong password and of a locked account, which cannot be told apart."""
    return message(
        401,
        "The account sign-in was incorrect or your account is disabled temporarily. Please wait and try again later.",
    )


def required(field: str) -> ApiError:
    """Make the 400 of a parameter left out."""
    return message(400, '"%fieldName" is required. Enter and try again.', {"fieldName": field})


def not_an_int(field: str, value: str) -> ApiError:
    """Make the 400 of a page or page size that is no whole number."""
    return message(
        400,
        f'Error occurred during "{field}" processing. The "{value}" value\'s type is invalid. '
        'The "int" type was expected. Verify and try again.',
    )


def unknown_attribute(name: str) -> ApiError:
    """Make the 400 of an EAV entity filtered by an attribute that it does not have."""
    return message(400, 'The "%1" attribute name is invalid. Reset the name and try again.', [name])


def bad_direction() -> ApiError:
    """Make the 400 of a sort direction other than ASC and DESC."""
    return message(
        400,
        "The sort order has to be specified as %1 for ascending order or %2 for descending order.",
        ["ASC", "DESC"],
    )


def page_size_over(maximum: int) -> ApiError:
    """Make the 400 of a shop that limits pages (docs/MAGENTO.md, Page size limits)."""
    return message(400, "Maximum SearchCriteria pageSize is %max", {"max": maximum})


def no_route() -> ApiError:
    """Make the 404 of an address no service answers."""
    return message(404, "Request does not match any route.")


def no_store() -> ApiError:
    """Make the 400 of a store view that does not exist."""
    return message(400, "Specified request cannot be processed.")


def bad_method(method: str) -> ApiError:
    """Make the 405 of an HTTP method that Magento does not know."""
    return message(405, f"The {method} HTTP method is not supported.")
