<?cs include:"macros.cs" ?><?cs if:Notice.Id > #0 ?><?cs set:Title = "修改公告" ?><?cs set:Base = "/staff/notices/" + Notice.Id ?><?cs else ?><?cs set:Title = "起草公告" ?><?cs set:Base = "/staff/notices" ?><?cs /if ?><?cs

# What was sent; else what it says so far. ?><?cs
def:kept(sent, stored) ?><?cs if:Sent ?><?cs var:sent ?><?cs else ?><?cs var:stored ?><?cs /if ?><?cs /def ?><?cs

def:content() ?><p class="back"><a href="/staff/notices/">返回公告</a></p>
<?cs call:error_summary() ?><h1><?cs var:Title ?></h1>
<form method="post" action="<?cs var:Base ?>/preview"><?cs call:form_hidden() ?><?cs if:Notice.Id > #0 ?><input type="hidden" name="revision" value="<?cs var:Notice.Revision ?>"><?cs /if ?><div class="facts stack"><label for="f-title">标题<?cs call:wrong("title") ?></label><input id="f-title" name="title" value="<?cs call:kept(Field.title, Notice.Title) ?>" maxlength="100" required autocomplete="off">
<label for="f-body">内容（纯文字，至多 4000 字；空一行另起一段）<?cs call:wrong("body") ?></label><textarea id="f-body" name="body" rows="10" maxlength="4000" required><?cs call:kept(Field.body, Notice.Body) ?></textarea>
<label for="f-from">从哪一天开始显示<?cs call:wrong("from") ?></label><input id="f-from" type="date" name="from" value="<?cs if:Sent ?><?cs var:Field.from ?><?cs elif:Notice.First ?><?cs var:Notice.First ?><?cs else ?><?cs var:Today ?><?cs /if ?>" required>
<label for="f-until">显示到哪一天（含当日）<?cs call:wrong("until") ?></label><input id="f-until" type="date" name="until" value="<?cs call:kept(Field.until, Notice.Last) ?>" required>
<label class="pick"><input type="checkbox" name="important" value="1" id="f-important"<?cs if:Sent ?><?cs if:Field.important ?> checked<?cs /if ?><?cs elif:Notice.Important ?> checked<?cs /if ?>>重要公告（排在最前，以红色标出）</label></div>
<div class="actions"><button class="button">预览</button></div></form>
<p class="quiet"><a href="/help/staff-notices">操作手册：公告</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
