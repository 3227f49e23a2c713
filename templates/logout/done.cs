<?cs include:"macros.cs" ?><?cs set:Title = "退出" ?><?cs def:content() ?><div class="narrow"><?cs if:Session.Kind ?><h1>您仍在登录状态</h1>
<p class="lead">当前登录：<?cs var:Session.Label ?></p>
<form method="post" action="/logout"><?cs call:form_csrf() ?><button class="button">退出</button></form>
<?cs else ?><h1>您已安全退出</h1>
<?cs if:Field.as == "staff" ?><p class="lead">请关闭浏览器窗口。使用安全密钥的，请拔下它。</p>
<p><a class="button plain" href="/staff/login/">重新登录</a></p><?cs else ?><p class="lead">请拔下法人一证通，并关闭浏览器窗口。</p>
<p><a class="button plain" href="/login">重新登录</a></p><?cs /if ?><?cs /if ?></div>
<?cs /def ?><?cs include:"layout.cs" ?>
