"""What Schemathesis cannot make up of a registry's description, and whose calls these are.

Formats of our own have the values that the test found in the running registry.
"""

import json
import os
import zlib

import schemathesis
from hypothesis import strategies
from schemathesis.generation import GenerationMode

FORMATS = json.loads(os.environ["ROADTEST_FORMATS"])
COUNTRY = os.environ["ROADTEST_COUNTRY"]
# Of ten calls in order, so many are made for the person they are about: to others, much is refused.
OWN_OF_TEN = 8
# Who stands in the examples of the descriptions: nobody of the tests' country.
IN_EXAMPLES = "36805280109"

for name, values in FORMATS.items():
    schemathesis.openapi.format(name, strategies.sampled_from(values))


def whom(case):
    """The country code and national ID of whom a call is about."""
    national_id = (case.path_parameters or {}).get("national_id")
    if national_id is None and isinstance(case.body, dict):
        national_id = case.body.get("national_id")
    return f"{COUNTRY}{national_id}" if national_id in FORMATS["national-id"] else None


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Puts somebody who exists into the examples."""
    text = json.dumps(raw_schema).replace(IN_EXAMPLES, FORMATS["national-id"][0])
    raw_schema.update(json.loads(text))


@schemathesis.hook
def before_call(context, case, **kwargs):
    """Lets most of the calls that are in order be made for the person they are about."""
    if case.meta is None or case.meta.generation.mode != GenerationMode.POSITIVE:
        return
    user = (case.headers or {}).get("X-Road-UserId")
    own = whom(case)
    if user is not None and own is not None and zlib.crc32(user.encode()) % 10 < OWN_OF_TEN:
        case.headers["X-Road-UserId"] = own
