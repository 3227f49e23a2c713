<?cs # Notices as everybody sees them (modules/notice_page.h): plain text, paragraph by paragraph. ?><?cs
def:notice_body(n) ?><?cs each:paragraph = n.Paragraphs ?><p><?cs each:line = paragraph.Lines ?><?cs var:line.Text ?><?cs if:!last(line) ?><br><?cs /if ?><?cs /each ?></p>
<?cs /each ?><?cs /def ?><?cs

def:notices(list) ?><?cs if:?list.0.Title ?><section class="notices" aria-label="公告"><?cs each:one = list ?><article class="note<?cs if:one.Important ?> bad<?cs /if ?>"><h2><?cs if:one.Important ?>重要公告：<?cs else ?>公告：<?cs /if ?><?cs var:one.Title ?></h2>
<?cs call:notice_body(one) ?></article>
<?cs /each ?></section>
<?cs /if ?><?cs /def ?>