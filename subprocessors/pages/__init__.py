"""What the pages and files of the register show, to readers and at the desk."""

from subprocessors.pages.desk import desk_page, fallback_page, published_entry
from subprocessors.pages.reading import csv_file, entry_page, find_list, find_list_on, history, register_page

__all__ = [
    "csv_file",
    "desk_page",
    "entry_page",
    "fallback_page",
    "find_list",
    "find_list_on",
    "history",
    "published_entry",
    "register_page",
]
