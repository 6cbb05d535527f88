"""Every conversation, imported once so that its flows and buttons are registered."""

from handlers import (
    abroad,
    clock,
    danger,
    desk,
    desk_acts,
    desk_files,
    free_text,
    help,
    law,
    media,
    menu,
    my_cases,
    revisit,
    welcome,
)

ALL = (
    abroad,
    clock,
    danger,
    desk,
    desk_acts,
    desk_files,
    free_text,
    help,
    law,
    media,
    menu,
    my_cases,
    revisit,
    welcome,
)
