"""Records as plain values. It must never tell a default that was written out from one that was left out."""

from typing import Any

import msgspec


def plain(record: msgspec.Struct) -> dict[str, Any]:
    """The fields of a record as JSON has them, its tag first. Defaults are left out where its kind omits them.

    `msgspec.to_builtins` goes by identity: it leaves out a default that nobody gave, and keeps an equal value that was
    written in a file or has come from another process. Two records that are equal are equal here.
    """
    config = record.__struct_config__
    tag = {config.tag_field: config.tag} if config.tag_field is not None else {}
    values = {
        field.encode_name: _plain(value)
        for field in msgspec.structs.fields(record)
        if (value := getattr(record, field.name)) != _default(field) or not config.omit_defaults
    }
    return tag | values


def _default(field: msgspec.structs.FieldInfo) -> object:
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default


def _plain(value: Any) -> Any:
    if isinstance(value, msgspec.Struct):
        return plain(value)
    if isinstance(value, dict):
        return {_plain(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return msgspec.to_builtins(value)
