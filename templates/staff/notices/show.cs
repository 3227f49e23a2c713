<?cs include:"macros.cs" ?><?cs include:"_notice.cs" ?><?cs set:Title = "公告：" + Notice.Title ?><?cs def:content() ?><p class="back"><a href="/staff/notices/">返回公告</a></p>
<div class="head"><h1><?cs var:Notice.Title ?>　<?cs call:progress(Notice) ?></h1></div>
<section class="notices"><article class="note<?cs if:Notice.Important ?> bad<?cs /if ?>"><?cs call:notice_body(Notice) ?></article></section>
<dl class="facts"><?cs call:fact("开始显示", Notice.First) ?><?cs call:fact("显示到", Notice.Last) ?><?cs if:Notice.EndedBy ?><div><dt>提前结束<dd><?cs var:Notice.EndedBy ?>，<?cs var:Notice.Ended ?></div>
<?cs /if ?><?cs call:fact("起草人", Notice.By) ?><?cs call:fact("起草时间", Notice.Written) ?></dl>
<?cs if:Notice.May.Change || Notice.May.End ?><p class="actions"><?cs if:Notice.May.Change ?><a class="button" href="/staff/notices/<?cs var:Notice.Id ?>/edit">修改</a><?cs /if ?><?cs if:Notice.May.End ?><a class="button plain" href="/staff/notices/<?cs var:Notice.Id ?>/end"><?cs if:Notice.May.Change ?>取消公告<?cs else ?>提前结束<?cs /if ?></a><?cs /if ?></p>
<?cs /if ?><?cs if:?Revisions.1.Title ?><h2>修改记录</h2>
<?cs each:one = Revisions ?><details><summary>第 <?cs var:one.Revision ?> 稿，<?cs var:one.By ?>，<?cs var:one.Written ?></summary><p><b><?cs var:one.Title ?></b>（<?cs var:one.First ?> 至 <?cs var:one.Last ?><?cs if:one.Important ?>，重要<?cs /if ?>）</p>
<?cs call:notice_body(one) ?></details>
<?cs /each ?><?cs /if ?><p class="quiet"><a href="/help/staff-notices">操作手册：公告</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
