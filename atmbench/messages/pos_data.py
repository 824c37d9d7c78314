"""Where a request comes from, said otherwise: another text in place of what a dialect always sends of an ATM.

Which code stands for what is the network's matter; this module must never know one.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from atmbench.errors import LocalError
from atmbench.messages.dialect_file import DialectFile, RequestTemplate


def with_pos_data(file: DialectFile, texts: Mapping[int, str]) -> DialectFile:
    """The dialect with other constants in its requests and advices; empty text leaves a field out.

    Raises LocalError for a field that is no constant of any request of this dialect.
    """
    known = {number for template in file.templates.values() for number in template.request.constant}
    for number in texts:
        if number not in known:
            listed = ", ".join(map(str, sorted(known))) or "none"
            raise LocalError(
                f"field {number} is nothing that requests of this dialect always carry; such are: {listed}"
            )
    templates = {
        name: replace(template, request=_request(template.request, texts)) for name, template in file.templates.items()
    }
    return replace(file, templates=templates)


def _request(template: RequestTemplate, texts: Mapping[int, str]) -> RequestTemplate:
    constant = {number: texts.get(number, text) for number, text in template.constant.items()}
    return replace(template, constant={number: text for number, text in constant.items() if text})
