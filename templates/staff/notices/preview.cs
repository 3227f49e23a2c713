<?cs include:"macros.cs" ?><?cs include:"_notice.cs" ?><?cs set:Title = "预览公告" ?><?cs if:Notice.Id > #0 ?><?cs set:Base = "/staff/notices/" + Notice.Id ?><?cs set:Again = Base + "/edit" ?><?cs else ?><?cs set:Base = "/staff/notices/" ?><?cs set:Again = "/staff/notices/new" ?><?cs /if ?><?cs def:content() ?><h1>预览公告</h1>
<p>企业将看到：</p>
<section class="notices"><article class="note<?cs if:Notice.Important ?> bad<?cs /if ?>"><h2><?cs if:Notice.Important ?>重要公告：<?cs else ?>公告：<?cs /if ?><?cs var:Notice.Title ?></h2>
<?cs call:notice_body(Notice) ?></article></section>
<dl class="facts"><?cs call:fact("开始显示", Notice.First) ?><?cs call:fact("显示到", Notice.Last) ?></dl>
<form method="post" action="<?cs var:Base ?>" class="actions"><?cs call:form_hidden() ?><?cs if:Notice.Id > #0 ?><input type="hidden" name="revision" value="<?cs var:Notice.Revision ?>"><?cs /if ?><input type="hidden" name="title" value="<?cs var:Field.title ?>"><textarea name="body" hidden><?cs var:Field.body ?></textarea><input type="hidden" name="from" value="<?cs var:Field.from ?>"><input type="hidden" name="until" value="<?cs var:Field.until ?>"><?cs if:Field.important ?><input type="hidden" name="important" value="1"><?cs /if ?><button class="button">发布</button><button class="button plain" formaction="<?cs var:Again ?>">返回修改</button></form>
<?cs /def ?><?cs include:"layout.cs" ?>
