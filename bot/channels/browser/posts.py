"""What a page may post: checked for shape and size before anything is stored."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

ClientId = Annotated[str, Field(min_length=8, max_length=40, pattern=r"^[A-Za-z0-9-]+$")]


class _Post(BaseModel):
    model_config = ConfigDict(extra="ignore")

    id: ClientId
    reply_to: int | None = None
    at: str = Field("", max_length=40)
    lang: str = Field("", max_length=20)


class TextPost(_Post):
    """Words typed."""

    kind: Literal["text"]
    text: str = Field(max_length=20_000)


class PressPost(_Post):
    """A button pressed."""

    kind: Literal["press"]
    press: str = Field(max_length=64)


class PlacePost(_Post):
    """A place shared, in degrees."""

    kind: Literal["location"]
    latitude: float
    longitude: float


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
    reply_to: int | None = None
