"""The merge of a customer's text with a newer template: ten thousand pairs of edits, and no sentence of the customer is lost."""

from __future__ import annotations

import random

import pytest

from privacy_text.merging import Side, State, Wording, agreed, is_update, merge, merged

PAIRS = 10_000
WORDS = [
    "wir",
    "Ihre",
    "Daten",
    "Nachricht",
    "Browser",
    "Einwilligung",
    "Speicherung",
    "Dienst",
    "Widerruf",
    "Empfänger",
    "löschen",
    "senden",
]


class Author:
    """Writes and edits texts of a few paragraphs; every sentence that it writes is marked as its own."""

    def __init__(self, name: str, chance: random.Random) -> None:
        self.name, self.chance, self.written = name, chance, 0

    def sentence(self) -> str:
        self.written += 1
        return f"{' '.join(self.chance.choices(WORDS, k=self.chance.randint(2, 6)))} {self.name}{self.written}."

    def paragraph(self, key: str) -> Wording:
        heading = self.sentence() if self.chance.random() < 0.3 else ""
        return Wording(key, heading, " ".join(self.sentence() for _ in range(self.chance.randint(1, 4))))

    def edit(self, text: list[Wording], own_keys: str) -> list[Wording]:
        """Return the text after a few edits: sentences added, replaced and dropped, paragraphs added, dropped and moved."""
        edited = list(text)
        for number in range(self.chance.randint(0, 5)):
            self.one_edit(edited, f"{own_keys}-{number}")
        return edited

    def one_edit(self, text: list[Wording], new_key: str) -> None:
        act = self.chance.choice(["sentence", "replace", "drop sentence", "add", "drop", "move", "heading"])
        if act == "add" or not text:
            text.insert(self.chance.randint(0, len(text)), self.paragraph(new_key))
            return
        place = self.chance.randrange(len(text))
        if act == "drop":
            del text[place]
        elif act == "move":
            text.insert(self.chance.randint(0, len(text) - 1), text.pop(place))
        elif act == "heading":
            text[place] = text[place]._replace(heading=self.sentence())
        else:
            text[place] = text[place]._replace(text=self.reworded(text[place].text, act))

    def reworded(self, text: str, act: str) -> str:
        sentences = sentences_in(text)
        place = self.chance.randint(0, len(sentences))
        if act == "sentence":
            sentences.insert(place, self.sentence())
        elif act == "replace":
            sentences[place : place + 1] = [self.sentence()]
        else:
            del sentences[place : place + 1]
        return " ".join(sentences)


def sentences_in(text: str) -> list[str]:
    return [f"{sentence.strip()}." for sentence in text.split(".") if sentence.strip()]


def all_sentences(text: list[Wording]) -> set[str]:
    return {sentence for paragraph in text for part in (paragraph.heading, paragraph.text) for sentence in sentences_in(part)}


def pair(number: int) -> tuple[list[Wording], list[Wording], list[Wording]]:
    """Return a template, the customer's edit of it, and the vendor's edit of it."""
    chance = random.Random(number)
    vendor, customer = Author("V", chance), Author("K", chance)
    template = [vendor.paragraph(f"p{place}") for place in range(chance.randint(0, 7))]
    return template, customer.edit(template, "own"), vendor.edit(template, "new")


def test_ten_thousand_pairs_of_edits_lose_no_sentence_of_the_customer() -> None:
    seen = dict.fromkeys(State, 0)
    own_sentences = 0
    for number in range(PAIRS):
        old, own, new = pair(number)
        steps = merge(old=old, own=own, new=new)
        result = merged(steps)
        written = {sentence for sentence in all_sentences(own) if " K" in sentence}
        assert written <= all_sentences(result), number
        assert len({paragraph.key for paragraph in result}) == len(result), number
        own_sentences += len(written)
        for step in steps:
            seen[step.state] += 1
    assert own_sentences > PAIRS
    assert all(count > PAIRS / 10 for count in seen.values()), seen


def test_what_the_customer_did_not_touch_becomes_the_new_template() -> None:
    for number in range(PAIRS // 10):
        old, own, new = pair(number)
        assert {paragraph.key: paragraph for paragraph in merged(merge(old=old, own=old, new=new))} == {each.key: each for each in new}
        assert merged(merge(old=old, own=own, new=old)) == own
        assert not is_update(merge(old=old, own=own, new=old))


def test_a_merge_that_was_taken_asks_nothing_twice() -> None:
    """With every paragraph decided, the same template is no update any more; an open conflict stays one."""
    for number in range(PAIRS // 10):
        old, own, new = pair(number)
        steps = merge(old=old, own=own, new=new)
        sides = {step.key: step.usual_side for step in steps}
        again = merge(old=agreed(steps, sides), own=merged(steps, sides), new=new)
        assert not is_update(again), number
        left = merge(old=agreed(steps), own=merged(steps), new=new)
        assert {step.key for step in left if step.is_conflict} == {step.key for step in steps if step.is_conflict}, number


def text(**paragraphs: str) -> list[Wording]:
    return [Wording(key, "", words) for key, words in paragraphs.items()]


@pytest.mark.parametrize(
    ("old", "own", "new", "state", "result"),
    [
        ("A.", "A.", "A.", State.UNCHANGED, "A."),
        ("A.", "A.", "B.", State.TEMPLATE, "B."),
        ("A.", "Mine.", "A.", State.OWN, "Mine."),
        ("A.", "Mine.", "B.", State.BOTH, "Mine."),
        ("A.", "B.", "B.", State.UNCHANGED, "B."),
        ("A.", None, "A.", State.OWN, None),
        ("A.", None, "B.", State.BOTH, None),
        ("A.", "A.", None, State.TEMPLATE, None),
        ("A.", "Mine.", None, State.BOTH, "Mine."),
        (None, "Mine.", None, State.OWN, "Mine."),
        (None, None, "B.", State.TEMPLATE, "B."),
        (None, "Mine.", "B.", State.BOTH, "Mine."),
        ("A  b.", "A b. ", "B.", State.TEMPLATE, "B."),
    ],
)
def test_who_changed_what_decides(old: str | None, own: str | None, new: str | None, state: State, result: str | None) -> None:
    texts = [text(p=words) if words is not None else [] for words in (old, own, new)]
    (step,) = merge(old=texts[0], own=texts[1], new=texts[2])
    assert step.state == state
    assert [paragraph.text for paragraph in merged([step])] == ([result] if result is not None else [])


def test_a_decision_for_the_template_is_followed_in_a_conflict() -> None:
    steps = merge(old=text(p="A."), own=text(p="Mine."), new=text(p="B."))
    assert merged(steps, {"p": Side.TEMPLATE}) == text(p="B.")


def test_a_new_paragraph_of_the_template_stands_where_it_stands_there() -> None:
    steps = merge(old=text(a="A.", c="C."), own=text(a="A.", mine="M.", c="C."), new=text(a="A.", b="B.", c="C."))
    assert [paragraph.key for paragraph in merged(steps)] == ["a", "b", "mine", "c"]
