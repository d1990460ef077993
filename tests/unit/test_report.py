"""Several people's scripts write into one page of figures, and none of them touches another's."""

from __future__ import annotations

from benchmarks.report import make_table, write_section

PAGE = "# Measured\n\n<!-- understanding:begin -->\nBy somebody else.\n<!-- understanding:end -->\n"


def test_a_new_section_is_put_behind_what_stands_there(tmp_path):
    page = tmp_path / "README.md"
    page.write_text(PAGE)
    write_section("kill", "Nobody was lost.", page)
    assert page.read_text() == PAGE + "\n<!-- kill: begin -->\nNobody was lost.\n<!-- kill: end -->\n"


def test_a_section_that_is_written_again_replaces_itself_and_nothing_else(tmp_path):
    page = tmp_path / "README.md"
    page.write_text(PAGE)
    for text in ("First.", r"A \1 and a \g<0> stay as they are."):
        write_section("answers", text, page)
        write_section("kill", text, page)
    assert page.read_text().count("First.") == 0
    assert page.read_text().count(r"A \1 and a \g<0> stay as they are.") == 2
    assert page.read_text().startswith(PAGE)


def test_a_table_sets_its_figures_to_the_right():
    assert make_table(["", "ms"], [("turn", 9)]) == "|  | ms |\n| --- | ---: |\n| turn | 9 |"
