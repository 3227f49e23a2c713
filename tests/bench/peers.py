"""Makes the peers' page out of the page it is compared with, so that the bytes are the same by
construction: what changes from row to row, or from request to request, becomes a place that the
peer fills and escapes; everything else is constant text."""
import html
import re

HOLE = re.compile("\x01(\\w+)\x02")


class Page:
    """A list page cut into head, one row, and tail, with named holes."""

    def __init__(self, body, rows, secrets):
        """rows: one dict a row, hole → text as it stands on the page (not yet escaped);
        secrets: hole → text that is new in each answer."""
        start, end = body.index("<tbody>") + len("<tbody>"), body.index("</table>")
        start = body.index("<tr>", start)
        pieces = re.findall(r"<tr>.*?(?=<tr>|\Z)", body[start:end], re.S)
        if len(pieces) != len(rows):
            raise ValueError(f"{len(pieces)} rows on the page, {len(rows)} in the database")
        self.row = punch(pieces[0], rows[0])
        self.head = punch(body[:start], secrets)
        self.tail = punch(body[end:], secrets)
        again = "".join(fill(self.row, row) for row in rows)
        if again != "".join(pieces):
            raise ValueError("the rows differ by more than their values")

    def php(self, holes):
        """`holes`: hole → PHP expression."""
        def code(text):
            return HOLE.sub(lambda m: f"<?= text({holes[m.group(1)]}) ?>", text)
        # PHP eats one newline after a closing tag.
        return re.sub(r"\?>\n", "?>\n\n", code(self.head) + "<?php foreach ($rows as $row): ?>"
                      + code(self.row) + "<?php endforeach ?>" + code(self.tail))

    def django(self, holes):
        def code(text):
            return HOLE.sub(lambda m: "{{ " + holes[m.group(1)] + " }}", text)
        return (code(self.head) + "{% for row in rows %}" + code(self.row) + "{% endfor %}"
                + code(self.tail))


def punch(text, values):
    """Replaces every value by its hole, the longest first."""
    for hole, value in sorted(values.items(), key=lambda item: -len(item[1])):
        text = re.sub(r"(?<![\w-])" + re.escape(html.escape(value)) + r"(?![\w-])",
                      f"\x01{hole}\x02", text)
    return text


def fill(text, values):
    return HOLE.sub(lambda m: html.escape(values[m.group(1)]), text)
