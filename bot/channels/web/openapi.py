"""The OpenAPI 3.1 document of the chat API, made from the types that validate, so that the two cannot drift."""

from __future__ import annotations

from functools import cache

from openapi_pydantic import (
    Components,
    Header,
    Info,
    MediaType,
    OpenAPI,
    Operation,
    Parameter,
    PathItem,
    RequestBody,
    Response,
    Schema,
    SecurityScheme,
)
from openapi_pydantic.util import PydanticSchema, construct_open_api_with_schema_class

from . import schemas

_PROBLEMS = {
    400: "The request is not of the form that is taken; detail says where.",
    401: "The token is missing or unknown.",
    403: "The token is another conversation's.",
    404: "No such company, file or address.",
    405: "This address does not take that method.",
    409: "There is no open request or case that this could belong to, or it has all that it may have.",
    413: "The message or the file is too long.",
    415: "A file of another kind than is taken.",
    429: "Too many messages; wait for Retry-After seconds.",
    500: "A fault on our side.",
    503: "Not ready, or delayed: the message is kept and its answer follows over the stream.",
}
_CONVERSATION = Parameter(
    name="conversation", param_in="path", required=True, schema=Schema(type="string", minLength=1, maxLength=64)
)
_AFTER = Parameter(
    name="after",
    param_in="query",
    description="Only what comes after this sequence",
    schema=Schema(type="integer", minimum=0, maximum=999_999_999),
)
_ATTACHMENT = Parameter(
    name="attachment", param_in="path", required=True, schema=Schema(type="string", minLength=1, maxLength=64)
)
_FILE_FORM = Schema(
    type="object",
    required=["file"],
    properties={
        "file": Schema(type="string", contentMediaType="application/octet-stream", description="JPEG, PNG or PDF, at most 10 MB")
    },
)


@cache
def make_document() -> str:
    """The document as JSON."""
    one = "/api/v1/conversations/{conversation}"
    api = OpenAPI(
        openapi="3.1.0",
        info=Info(title="Inquiry desk: chat API", version="1"),
        components=Components(securitySchemes={"token": SecurityScheme(type="http", scheme="bearer")}),
        paths={
            "/healthz": PathItem(get=_operation("health", "Is every part ready?", schemas.Health, 200, 503)),
            "/api/v1/companies": PathItem(get=_operation("companies", "The companies served", None, 200)),
            "/api/v1/conversations": PathItem(
                post=_operation(
                    "open", "Open a conversation", schemas.OpenedConversation, 201, 400, 404, 413, 429,
                    body=schemas.NewConversation,
                )
            ),
            f"{one}/messages": PathItem(
                parameters=[_CONVERSATION],
                post=_operation(
                    "send", "Send a message and get what came of it", schemas.Turn, 200, 400, 401, 403, 413, 429, 503,
                    body=schemas.NewMessage, secured=True,
                ),
                get=_operation(
                    "history", "The conversation so far", schemas.History, 200, 400, 401, 403,
                    secured=True, parameters=[_AFTER],
                ),
            ),
            f"{one}/attachments": PathItem(
                parameters=[_CONVERSATION],
                post=_operation(
                    "attach", "A file for the open request or case, to go along with the next message", schemas.Attachment,
                    201, 400, 401, 403, 409, 413, 415, 429, secured=True, form=_FILE_FORM,
                ),
            ),
            f"{one}/attachments/{{attachment}}": PathItem(
                parameters=[_CONVERSATION, _ATTACHMENT],
                get=_operation("fetch", "A file that the desk has sent", None, 200, 401, 403, 404, secured=True),
                delete=_operation("detach", "Take back a file that was not sent yet", None, 204, 401, 403, 404, secured=True),
            ),
            f"{one}/rating": PathItem(
                parameters=[_CONVERSATION],
                post=_operation(
                    "rate", "How satisfied the customer is with a closed case", schemas.State, 200, 400, 401, 403, 409, 413, 429,
                    body=schemas.Rating, secured=True,
                ),
            ),
            f"{one}/contact": PathItem(
                parameters=[_CONVERSATION],
                put=_operation(
                    "contact", "Where the customer is told of an answer to the open case", schemas.State, 200, 400, 401, 403,
                    409, 413, 429, body=schemas.Contact, secured=True,
                ),
            ),
            f"{one}/stream": PathItem(
                parameters=[_CONVERSATION],
                get=_operation(
                    "stream", "WebSocket: every later message and state; resumes after a sequence", None, 101, 400,
                    401, 403, secured=True, parameters=[_AFTER],
                ),
            ),
            one: PathItem(
                parameters=[_CONVERSATION],
                delete=_operation("forget", "Forget this chat", None, 204, 401, 403, secured=True),
            ),
        },
    )
    api.paths["/api/v1/companies"].get.responses["200"].content = {
        "application/json": MediaType(
            schema=Schema(type="array", items=PydanticSchema(schema_class=schemas.Company))
        )
    }
    made = construct_open_api_with_schema_class(api, schema_classes=[schemas.Company, schemas.Problem])
    return made.model_dump_json(by_alias=True, exclude_none=True)


def _operation(
    identity: str,
    summary: str,
    answer: type | None,
    success: int,
    *problems: int,
    body: type | None = None,
    form: Schema | None = None,
    secured: bool = False,
    parameters: list[Parameter] | None = None,
) -> Operation:
    content = {"application/json": MediaType(schema=PydanticSchema(schema_class=answer))} if answer else None
    if identity == "fetch":
        content = {media_type: MediaType() for media_type in ("image/jpeg", "image/png", "application/pdf")}
    responses = {str(success): Response(description=summary, content=content)}
    for status in (*problems, 405):
        responses[str(status)] = Response(
            description=_PROBLEMS[status],
            content={"application/problem+json": MediaType(schema=PydanticSchema(schema_class=schemas.Problem))},
            headers={"Retry-After": Header(schema=Schema(type="integer"))} if status == 429 else None,
        )
    return Operation(
        operationId=identity,
        summary=summary,
        responses=responses,
        parameters=parameters,
        requestBody=_request_body(body, form),
        security=[{"token": []}] if secured else [],
    )


def _request_body(body: type | None, form: Schema | None) -> RequestBody | None:
    if body:
        return RequestBody(required=True, content={"application/json": MediaType(schema=PydanticSchema(schema_class=body))})
    return RequestBody(required=True, content={"multipart/form-data": MediaType(schema=form)}) if form else None
