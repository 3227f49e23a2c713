<?cs include:"macros.cs" ?><?cs set:Title = "通知发送" ?><?cs def:content() ?><h1>通知发送</h1>
<?cs if:Off ?><p class="note">系统没有配置邮件或短信，目前不向企业发送通知。</p>
<?cs else ?><p class="lead">等待发送 <?cs var:Waiting ?> 条，发送失败 <?cs var:Failed ?> 条。</p>
<?cs /if ?><nav class="pages tabs" aria-label="显示范围"><?cs each:state = States ?><a href="/staff/notifications/<?cs if:state.Name ?>?state=<?cs var:state.Name ?><?cs /if ?>"<?cs if:state.Here ?> aria-current="page"<?cs /if ?>><?cs var:state.Label ?></a><?cs /each ?></nav>
<?cs if:?Rows.0.Id ?><table class="list data"><caption>发给企业的通知</caption>
<thead><tr><th scope="col">编号<th scope="col">内容<th scope="col">企业<th scope="col">方式<th scope="col">状态<th scope="col">产生时间<th scope="col">发送
<tbody>
<?cs each:row = Rows ?><tr><th scope="row"><?cs var:row.Id ?><td data-as="内容"><?cs var:row.Event ?><td data-as="企业"><?cs var:row.Firm ?><td class="keep" data-as="方式"><?cs var:row.Channel ?><td data-as="状态"><b class="s<?cs if:row.State == "failed" ?> refused<?cs elif:row.State == "dropped" ?> abandoned<?cs elif:row.State != "sent" ?> waiting<?cs /if ?>"><?cs var:row.Label ?></b><?cs if:row.Cause ?><br><?cs var:row.Words ?><br><span class="quiet" lang="en"><?cs var:row.Cause ?></span><?cs /if ?><td data-as="产生时间"><?cs var:row.Created ?><td data-as="发送"><?cs if:row.Sent ?><?cs var:row.Sent ?><?cs elif:row.Next ?>最早 <?cs var:row.Next ?><?cs else ?><span class="keep">第 <?cs var:row.Attempts ?> 次</span><?cs /if ?><?cs if:row.Retry ?><form method="post" action="/staff/notifications/<?cs var:row.Id ?>/retry"><?cs call:form_csrf() ?><input type="hidden" name="_key" value="<?cs var:Form.Key ?>"><button class="link" aria-label="重新发送通知 <?cs var:row.Id ?>">重新发送</button></form><?cs /if ?>
<?cs /each ?></table>
<?cs else ?><p class="empty">没有这样的通知。</p>
<?cs /if ?><?cs call:pages(First, Next) ?>
<?cs /def ?><?cs include:"layout.cs" ?>
