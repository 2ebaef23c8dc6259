"""What crosses between two processes that do not trust each other: plain data, and numbers for all else.

Plain data (numbers, texts, lists, tuples, sets, dictionaries, arrays, tensors) becomes JSON with one-key objects as
tags, and raw bytes for the arrays. It is rebuilt as exact base types, so no code of the other side comes along.
Everything else stays where it is; the other side gets its number and a description, and makes a `Remote` of it.
Whatever is not of this form ends in `Garbled`.
"""

import builtins
import json
import struct
import sys
import types

import numpy as np
import numpy.random  # NumPy loads it at first use, which would be in every forked process

PLAIN_DTYPES = "biufcSU"
PLAIN_LIBRARIES = ("builtins", "collections")  # whose subclasses of list, dict, … are sent as the plain type
DEEPEST = 100  # lists in lists that are still read
OF_CODE = ("co_name", "co_flags", "co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_varnames")
ERROR_TEXT = 4_000  # characters of an exception's message that are passed on
HEADER = struct.Struct("<I")


class Garbled(RuntimeError):
    """The other process sent something that is no message."""


class Codec:
    """Turns values into bytes and back. `kept` holds what the other side knows by number."""

    def __init__(self, make_remote):
        self.kept: dict[int, object] = {}
        self.lent: dict[int, object] | None = None  # what this side passes as arguments of a call, by number
        self.borrowed: dict[int, tuple] = {}  # what came as an argument: id -> (the other side's number, the object)
        self.make_remote = make_remote  # (number, description) -> what stands for it on this side

    def dumps(self, message: dict, lent: dict[int, object] | None = None, give_back: bool = False) -> bytes:
        """Return a message as bytes: the length of its JSON, the JSON, the arrays' bytes one after the other.

        lent: gets what could be changed in place, by number, where these are a call's arguments; give_back: whether
        what came as an argument may be sent by its number, so that the other side gets its very own object.
        """
        buffers: list[bytes] = []
        entries = []
        for key, value in message.items():
            self.lent, self.give_back = lent, give_back and key == "value"
            entries.append([key, self._encode(value, buffers)])
        body = json.dumps({"dict": entries}).encode()
        return b"".join([HEADER.pack(len(body)), body, *buffers])

    def loads(self, data: bytes, lent: dict[int, object] | None = None) -> dict:
        """Return the message in these bytes, in which `lent` may come back; raises Garbled."""
        self.lending, self.borrowed = lent or {}, {}
        try:
            (length,) = HEADER.unpack_from(data)
            start = HEADER.size + length
            body = json.loads(data[HEADER.size : start])
            message = self._decode(body, memoryview(data)[start:], 0)
            if type(message) is not dict:
                raise TypeError("not a dictionary")
            return message
        except (
            ValueError,
            TypeError,
            KeyError,
            IndexError,
            AttributeError,
            OverflowError,
            RecursionError,
            struct.error,
            RuntimeError,
        ) as error:
            raise Garbled("the other process sent something that is no message") from error

    def _encode(self, value, buffers: list[bytes]):
        if value is None or type(value) in (bool, int, float, str):
            return value
        if self.give_back and id(value) in self.borrowed:
            return {"own": self.borrowed[id(value)][0]}
        if self.lent is not None and _can_change(value) and id(value) not in self.lent:
            self.lent[id(value)] = value
            return {"lent": [id(value), self._encode(value, buffers)]}
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor):
            return self._encode_tensor(value, buffers)
        if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in PLAIN_DTYPES:
            return _encode_array(value, buffers)
        if isinstance(value, np.random.Generator):
            return {"rng": value.bit_generator.state}
        for kind in (list, tuple, set, frozenset):
            if isinstance(value, kind) and _is_plain(value):
                return {kind.__name__: [self._encode(item, buffers) for item in value]}
        if isinstance(value, dict) and _is_plain(value):
            return {"dict": [[self._encode(k, buffers), self._encode(v, buffers)] for k, v in value.items()]}
        if isinstance(value, (bool, int, float, str)):  # a subclass, such as a member of an enumeration
            return next(kind(value) for kind in (int, float, str) if isinstance(value, kind))
        if isinstance(value, complex):
            return {"complex": [value.real, value.imag]}
        if isinstance(value, bytes):
            return {"bytes": value.hex()}
        if hasattr(type(value), "_remote_number"):
            return {"yours": object.__getattribute__(value, "_number")}
        self.kept[id(value)] = value
        return {"mine": [id(value), describe(value)]}

    def _encode_tensor(self, value, buffers: list[bytes]):
        """A tensor that needs a gradient keeps its place in its graph: the gradient of its copy is sent back to it."""
        array = self._encode(value.detach().cpu().numpy(), buffers)
        if not value.requires_grad:
            return {"tensor": [array, None, None]}
        self.kept[id(value)] = value
        grad = value.grad if value.is_leaf else None
        return {"tensor": [array, id(value), None if grad is None else self._encode(grad.numpy(), buffers)]}

    def _decode(self, value, buffers: memoryview, depth: int):
        if not isinstance(value, dict):
            if isinstance(value, list):
                raise TypeError("a list without a tag")
            return value
        if depth > DEEPEST:
            raise RecursionError("too deep")
        ((tag, content),) = value.items()
        if tag in ("list", "tuple", "set", "frozenset"):
            return getattr(builtins, tag)(self._decode(item, buffers, depth + 1) for item in content)
        if tag == "lent":
            value = self._decode(content[1], buffers, depth + 1)
            self.borrowed[id(value)] = (content[0], value)
            return value
        if tag == "own":
            return self.lending[content]
        if tag == "dict":
            return {self._decode(k, buffers, depth + 1): self._decode(v, buffers, depth + 1) for k, v in content}
        if tag in ("array", "scalar"):
            array = _decode_array(content, buffers)
            return array if tag == "array" else array[()]
        if tag == "tensor":
            return self._decode_tensor(content, buffers, depth)
        if tag == "rng":
            generator = np.random.default_rng()
            generator.bit_generator.state = content
            return generator
        if tag == "complex":
            return complex(*content)
        if tag == "bytes":
            return bytes.fromhex(content)
        if tag == "mine":
            number, description = content
            return self.make_remote(number, description)
        if tag == "yours":
            return self.kept[content]
        raise KeyError(tag)

    def _decode_tensor(self, content, buffers: memoryview, depth: int):
        import torch

        array, number, grad = content
        tensor = torch.from_numpy(self._decode(array, buffers, depth + 1))
        if number is None:
            return tensor
        tensor.requires_grad_(True)
        tensor.grad = None if grad is None else torch.from_numpy(self._decode(grad, buffers, depth + 1))
        original = self.make_remote(number, {"name": "tensor", "bases": [], "error": False})
        tensor.register_hook(original._pass_on_gradient)
        return tensor


def is_copied(value) -> bool:
    """Whether the other side would get all of this value as a copy of its own, and no stand-in for any part of it."""
    codec = Codec(None)
    codec.dumps({"value": value})
    return not codec.kept


def describe(value) -> dict:
    """Return what the other side is told of something that stays here: its name, its classes' names, its kind."""
    name = getattr(value, "__name__", None)
    kinds = type(value).__mro__
    return {
        "name": name if isinstance(name, str) else type(value).__name__,
        "bases": [f"{kind.__module__}.{kind.__qualname__}" for kind in kinds],
        "derived": [_full_name(kind) for kind in value.__mro__] if isinstance(value, type) else None,
        "error": [_full_name(kind) for kind in value.__mro__] if _is_error_class(value) else None,
        "hashed": getattr(kinds[0], "__hash__", None) is not object.__hash__,
        "code": _code_of(value),
    }


def _code_of(value) -> dict | None:
    """Return what inspect reads of a Python function's code: its flags and its parameters."""
    code = getattr(value, "__code__", None) if isinstance(value, types.FunctionType) else None
    return code and {name: list(v) if isinstance(v := getattr(code, name), tuple) else v for name in OF_CODE}


def _full_name(kind: type) -> str:
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _can_change(value) -> bool:
    return type(value) in (list, dict, set, np.ndarray) or type(value).__name__ == "Tensor"


def _is_error_class(value) -> bool:
    return isinstance(value, type) and issubclass(value, Exception)


def _is_plain(value) -> bool:
    """Whether a container may be sent by its contents: a learner's own subclass has methods that would be lost."""
    return type(value).__module__ in PLAIN_LIBRARIES and not hasattr(value, "_fields")


def _encode_array(value, buffers: list[bytes]) -> dict:
    start = sum(map(len, buffers))
    buffers.append(np.ascontiguousarray(value).tobytes())
    tag = "scalar" if isinstance(value, np.generic) else "array"
    return {tag: [value.dtype.str, list(value.shape), start, start + len(buffers[-1])]}


def _decode_array(content, buffers: memoryview) -> np.ndarray:
    dtype, shape, start, end = content
    kind = np.dtype(dtype)
    if type(dtype) is not str or kind.kind not in PLAIN_DTYPES or kind.itemsize == 0 and end != start:
        raise TypeError(f"an array of {dtype}")
    if not 0 <= start <= end <= len(buffers) or any(size < 0 for size in shape):
        raise ValueError("an array outside of its bytes")
    if kind.itemsize == 0:  # empty texts
        return np.zeros(shape, kind)
    return np.frombuffer(buffers[start:end], dtype=kind).reshape(shape).copy()
