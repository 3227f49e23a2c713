<?cs include:"macros.cs" ?><?cs set:Title = "结束公告" ?><?cs def:content() ?><div class="interrupt"><h1>确认要结束这条公告吗？</h1>
<p>“<?cs var:Notice.Title ?>”将立即不再显示。<strong>结束之后不能恢复</strong>，需要的话请另发一条。</p>
<form method="post" action="/staff/notices/<?cs var:Notice.Id ?>/end" class="actions"><?cs call:form_hidden() ?><button class="button">确认结束</button><a href="/staff/notices/<?cs var:Notice.Id ?>">返回</a></form></div>
<?cs /def ?><?cs include:"layout.cs" ?>
