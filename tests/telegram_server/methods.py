"""The methods of the Bot API that a bot of ours calls, with the answers the open server gives."""

from collections.abc import Callable
from typing import Any

from tests.telegram_server import limits
from tests.telegram_server.markup import inline_markup, reply_keyboard
from tests.telegram_server.params import ApiError, Params, bad, too_many
from tests.telegram_server.queue import PRESS_LIFE
from tests.telegram_server.world import Chat, Message, World

Method = Callable[[World, Params], Any]


def get_me(world: World, params: Params) -> Any:
    """The bot itself."""
    return world.bot | {"can_join_groups": True, "can_read_all_group_messages": False}


def send_message(world: World, params: Params) -> Any:
    """A text message."""
    chat = _open_chat(world, params)
    text = _text(params, "text", limits.TEXT, "message is too long")
    if not text:
        raise bad("message text is empty")
    return _post(world, chat, params, {"text": text})


def send_document(world: World, params: Params) -> Any:
    """A file."""
    chat = _open_chat(world, params)
    upload = params.files.get("document")
    if upload is None:
        raise bad("there is no document in the request")
    if not upload.content:
        raise bad("file must be non-empty")
    if len(upload.content) > limits.UPLOAD:
        raise ApiError(413, "Request Entity Too Large")
    caption = _text(params, "caption", limits.CAPTION, "message caption is too long")
    file_id, unique = world.store(upload.content, "documents", "")
    document = {
        "file_id": file_id,
        "file_unique_id": unique,
        "file_name": upload.name,
        "mime_type": upload.mime,
        "file_size": len(upload.content),
    }
    return _post(world, chat, params, {"document": document} | ({"caption": caption} if caption else {}))


def edit_message_text(world: World, params: Params) -> Any:
    """Other words, and other buttons, on a message of the bot's."""
    message = _editable(world, params)
    if "text" not in message.body:
        raise bad("there is no text in the message to edit")
    text = _text(params, "text", limits.TEXT, "message is too long")
    if not text:
        raise bad("message text is empty")
    return _change(world, message, {"text": text}, params)


def edit_message_reply_markup(world: World, params: Params) -> Any:
    """Other buttons, or none, on a message of the bot's."""
    return _change(world, _editable(world, params), {}, params)


def delete_message(world: World, params: Params) -> Any:
    """Take a message away."""
    chat = _open_chat(world, params)
    if chat.messages.pop(params.integer("message_id"), None) is None:
        raise bad("message to delete not found")
    return True


def answer_callback_query(world: World, params: Params) -> Any:
    """Stop the spinner on a pressed button."""
    press = world.presses.get(params.text("callback_query_id"))
    if press is None or press.answer is not None or press.pressed_at + PRESS_LIFE < world.clock.now():
        raise bad("query is too old and response timeout expired or query ID is invalid")
    press.answer = params.text("text")
    return True


def send_chat_action(world: World, params: Params) -> Any:
    """The bot is shown as typing."""
    _open_chat(world, params)
    return True


def set_setting(subject: str, parameter: str) -> Method:
    """A method that keeps one parameter per language."""

    def change(world: World, params: Params) -> Any:
        value = params.json(parameter) if subject == "commands" else params.text(parameter)
        world.settings[subject, params.text("language_code")] = value
        return True

    return change


def get_my_commands(world: World, params: Params) -> Any:
    """The menu of commands in one language."""
    return world.settings.get(("commands", params.text("language_code")), [])


def get_my_name(world: World, params: Params) -> Any:
    """What people see the bot called in one language."""
    shown = world.settings.get(("name", params.text("language_code")), world.bot["first_name"])
    return {"name": shown}


def get_file(world: World, params: Params) -> Any:
    """Where a file can be fetched."""
    file_id = params.text("file_id")
    stored = world.files.get(file_id)
    if stored is None:
        raise bad("invalid file_id" if file_id else "file_id not specified")
    if len(stored.content) > limits.DOWNLOAD:
        raise bad("file is too big")
    size = len(stored.content)
    return {"file_id": file_id, "file_unique_id": file_id, "file_size": size, "file_path": stored.path}


METHODS: dict[str, Method] = {
    "getMe": get_me,
    "sendMessage": send_message,
    "sendDocument": send_document,
    "editMessageText": edit_message_text,
    "editMessageReplyMarkup": edit_message_reply_markup,
    "deleteMessage": delete_message,
    "answerCallbackQuery": answer_callback_query,
    "sendChatAction": send_chat_action,
    "setMyCommands": set_setting("commands", "commands"),
    "getMyCommands": get_my_commands,
    "setMyName": set_setting("name", "name"),
    "getMyName": get_my_name,
    "getFile": get_file,
}


def _open_chat(world: World, params: Params) -> Chat:
    """The chat a call is about, when the bot may write there."""
    chat_id = params.text("chat_id")
    if not chat_id:
        raise bad("chat_id is empty")
    chat = world.chats.get(params.integer("chat_id"))
    if chat is None or not chat.started:
        raise bad("chat not found")
    if chat.deactivated:
        raise ApiError(403, "Forbidden: user is deactivated")
    if chat.blocked:
        raise ApiError(403, "Forbidden: bot was blocked by the user")
    return chat


def _text(params: Params, name: str, limit: int, complaint: str) -> str:
    text = params.text(name).strip()
    if len(text.encode("utf-8", "surrogatepass")) > 1 << 15:
        raise bad("text is too long")
    if limits.utf16_units(text) > limit:
        raise bad(complaint)
    return text


def _post(world: World, chat: Chat, params: Params, content: dict[str, Any]) -> Any:
    markup = params.json("reply_markup") or {}
    inline = inline_markup(markup)
    reply = _reply(chat, params)
    wait = world.speed.wait(chat.chat_id, world.clock.now())
    if wait:
        raise too_many(wait)
    message = world.post(chat.chat_id, content | reply | inline, by_bot=True)
    keyboard = reply_keyboard(markup)
    if keyboard is not None or markup.get("remove_keyboard"):
        message.plain_keyboard = True
        chat.keyboard, chat.keyboard_shown = keyboard, keyboard is not None
    return dict(message.body)


def _reply(chat: Chat, params: Params) -> dict[str, Any]:
    wanted = params.json("reply_parameters")
    if not wanted:
        return {}
    earlier = chat.messages.get(int(wanted.get("message_id", 0)))
    if earlier is None and not wanted.get("allow_sending_without_reply"):
        raise bad("message to be replied not found")
    return {"reply_to_message": dict(earlier.body)} if earlier else {}


def _editable(world: World, params: Params) -> Message:
    message = _open_chat(world, params).messages.get(params.integer("message_id"))
    if message is None:
        raise bad("message to edit not found")
    if not message.by_bot or message.plain_keyboard:
        raise bad("message can't be edited")
    return message


def _change(world: World, message: Message, content: dict[str, Any], params: Params) -> Any:
    inline = inline_markup(params.json("reply_markup") or {})
    kept = {key: value for key, value in message.body.items() if key not in ("reply_markup", "edit_date")}
    body = kept | content | inline
    if body == {key: value for key, value in message.body.items() if key != "edit_date"}:
        raise bad(
            "message is not modified: specified new message content and reply markup are exactly the same "
            "as a current content and reply markup of the message"
        )
    with world.changed:
        message.body = body | {"edit_date": world.today()}
        message.edits += 1
        world.changed.notify_all()
    return dict(message.body)
