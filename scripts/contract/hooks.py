"""What schemathesis is told beside its settings: what a file in an upload may be, and what not to send at once."""

import os
import uuid

import schemathesis
from hypothesis import strategies
from schemathesis.core import NOT_SET
from schemathesis.core.parameters import ParameterLocation

from test_picture import png

# Mostly real pictures, so that uploads are accepted and what follows on them has something to follow on.
schemathesis.openapi.format(
    "binary",
    strategies.one_of(
        strategies.builds(png, strategies.integers(1, 9), strategies.integers(1, 9)), strategies.binary(max_size=64)))

# Mostly the id of a file that is there, so that plans which name one are accepted.
schemathesis.openapi.format(
    "uuid", strategies.one_of(strategies.just(os.environ["FILE_ID"]), strategies.uuids().map(str)))


@schemathesis.hook
def before_call(_, case, __):
    """Takes away what would hide the rest of a request: what is said twice, in the query and the body or in `output` and
    beside it, and a key that another request had before, are refused whatever else there is."""
    if "Idempotency-Key" in case.headers and not case.meta.is_negative_at(ParameterLocation.HEADER):
        case.headers["Idempotency-Key"] = uuid.uuid4().hex
    if isinstance(case.body, dict) and "imageUrl" in case.body and not case.meta.is_negative_at(ParameterLocation.BODY):
        # A picture that is there.
        case.body = case.body | {"imageUrl": os.environ["IMAGE_URL"]}
    if case.operation.label != "POST /process/{file_id}":
        return
    if case.query and case.body is not NOT_SET:
        if case.meta.is_negative_at(ParameterLocation.QUERY):
            case.body = NOT_SET
        else:
            case.query = {}
    if isinstance(case.body, dict) and isinstance(case.body.get("output"), dict):
        output = {name: value for name, value in case.body["output"].items() if name not in case.body}
        case.body = case.body | {"output": output}
