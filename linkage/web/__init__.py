"""What the pages of every program share: sites, sign-in, safety, languages, tables, forms, charts.

A page is a plain function from `Page` to a response; it calls the node's own code, and may block. A module of pages:

    SECTION = Section(
        Text("轮次", "Rounds"),
        get("/rounds", "rounds", list_rounds),
        get("/rounds/{round}", "preview", show_round),
        post("/rounds/{round}/approve", "approve", approve),
        get("/rounds/{round}/progress", "rounds", progress, live=True),
    )

    def show_round(page: Page) -> Response:
        found = page.node(Console).decisions.named(page.parameters["round"])
        return page.render("round.html", title=Text("轮次", "Round"), found=found)

    def approve(page: Page) -> Response:
        ...decide(page.parameters["round"], by=page.officer)
        return page.redirect("/rounds", said=Text("已同意", "Approved"))

* Every route names an action of the node's rights.py: the gate that stands before the command stands before the page.
  What no command has is a row "pages.…" there. The first get of a section is where the navigation leads.
* `live=True` is for what a page asks by itself (hx-trigger="every 2s"): it does not keep a session alive.
* Languages: `t("中文", "English")` in templates, `Text("中文", "English")` in code, `t(text)` to show one, and
  `t(pair("中文 | English"))` for texts that hold both. Errors carry their own pair: raise LinkageError, never show one.
* No personal value in a path, a query, a title or `said`: those land in histories and logs. Search for people by post.
* Templates extend "base.html", put everything into {% block main %}, and import the macros of "parts.html":
  {% import "parts.html" as parts with context %}. A form is {% call parts.form("/path") %} … {% endcall %}: it brings
  the CSRF token, and in an exercise without accounts the field `by`. No inline script, no style attribute: the
  content security policy blocks them, and the browser tests count what it blocked.
* A table: `Listing.of(page.query, sorts=("due", "colour"), total=n)` reads ?sort=&page=; parts.heading and parts.pager
  show it.
* Moments are stored in UTC; `{{ text | local }}` shows them in Beijing time.
* Drawing: charts.py makes SVG on the server; put the numbers beside it in a table.
* Tests: tests/web shows how a site is tested without a browser (`visitor.get`), tests/browser with one (`sign_in`,
  `violations`, `picture`).
"""
