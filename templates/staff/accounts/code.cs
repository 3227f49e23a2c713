<?cs include:"macros.cs" ?><?cs set:Title = "登记码" ?><?cs def:content() ?><div class="panel"><h1><?cs var:Account.Name ?>（<?cs var:Account.Login ?>）的登记码</h1>
<p><b><?cs var:Code ?></b></p></div>
<p class="lead">请现在当面交给本人。离开本页后不能再次查看，只能重新签发。<?cs var:Hours ?> 小时内有效，只能使用一次。</p>
<p>本人打开工作人员登录页面，点击“使用登记码设置”，输入登录名和登记码，设置密码和第二重身份验证。</p>
<p class="actions"><a class="button plain" href="/staff/accounts/<?cs var:Account.Id ?>">返回账户</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
