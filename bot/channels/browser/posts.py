"""What a page may post: checked for shape and size before anything is stored."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter

ClientId = Annotated[str, Field(min_length=8, max_length=40, pattern=r"^[A-Za-z0-9-]+$")]
EventId = Annotated[int, Field(ge=0, le=2**53)]
MOST_TEXT = 20_000  # characters


def _without_halves(text: Any) -> Any:
    """Words in which half a sign, which cannot be written down, stands as the sign for an unknown one."""
    if not isinstance(text, str):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore")


class _Post(_Body):
    id: ClientId
    reply_to: EventId | None = None
    at: str = Field("", max_length=40)
    lang: str = Field("", max_length=20)


class TextPost(_Post):
    """Words typed."""

    kind: Literal["text"]
    text: Annotated[str, Field(max_length=MOST_TEXT), BeforeValidator(_without_halves)]


class PressPost(_Post):
    """A button pressed; `text` is what the page shows on it."""

    kind: Literal["press"]
    press: str = Field(max_length=64)
    text: str = Field("", max_length=1000)


class PlacePost(_Post):
    """A place shared, in degrees."""

    kind: Literal["location"]
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)


class StartPost(_Post):
    """The page was opened, perhaps through a link."""

    kind: Literal["start"]
    payload: str = Field("", max_length=64)


Post = Annotated[TextPost | PressPost | PlacePost | StartPost, Field(discriminator="kind")]
POST: TypeAdapter[Any] = TypeAdapter(Post)


class UploadQuery(BaseModel):
    """What an upload says of its file."""

    id: ClientId
    kind: Literal["photo", "file", "voice"]
    name: str = Field("", max_length=300)
    album: str = Field("", max_length=60)
    reply_to: EventId | None = None


class HelloPost(_Body):
    """Somebody new, or somebody with a link; the same id asks for the same answer again."""

    id: ClientId | Literal[""] = ""
    start: str = Field("", max_length=64)
    lang: str = Field("", max_length=20)


class ReturnPost(_Body):
    """Somebody with a return code."""

    code: str = Field("", max_length=200)
    lang: str = Field("", max_length=20)


class SeenPost(_Body):
    """Everything up to this event was before somebody's eyes."""

    upto: EventId
