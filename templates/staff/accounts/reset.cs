<?cs include:"macros.cs" ?><?cs set:Title = "签发登记码" ?><?cs def:content() ?><div class="interrupt"><h1>为<?cs var:Account.Name ?>（<?cs var:Account.Login ?>）签发登记码</h1>
<p><?cs if:Account.Ready ?>现有的密码和第二重身份验证将<strong>全部失效</strong>，正在使用的登录全部结束。本人须用登记码重新设置。<?cs else ?>本人用登记码设置自己的密码和第二重身份验证。以前签发的登记码失效。<?cs /if ?></p>
<p>登记码只显示一次。请确认本人在场，当面交给本人，不要通过电话、邮件或即时通讯发送。</p>
<form method="post" action="/staff/accounts/<?cs var:Account.Id ?>/code" class="actions"><?cs call:form_hidden() ?><button class="button">签发登记码</button><a href="/staff/accounts/<?cs var:Account.Id ?>">返回</a></form></div>
<?cs /def ?><?cs include:"layout.cs" ?>
