<?cs include:"macros.cs" ?><?cs set:Title = "停用账户" ?><?cs def:content() ?><div class="interrupt"><h1>确认要停用<?cs var:Account.Name ?>（<?cs var:Account.Login ?>）的账户吗？</h1>
<p>停用后立即不能登录，正在使用的登录全部结束。其提出和决定的事项不受影响。以后可以恢复。</p>
<form method="post" action="/staff/accounts/<?cs var:Account.Id ?>/disable" class="actions"><?cs call:form_hidden() ?><button class="button">停用账户</button><a href="/staff/accounts/<?cs var:Account.Id ?>">返回</a></form></div>
<?cs /def ?><?cs include:"layout.cs" ?>
