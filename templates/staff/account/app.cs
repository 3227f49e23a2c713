<?cs include:"macros.cs" ?><?cs set:Title = "添加验证器应用" ?><?cs def:content() ?><p class="back"><a href="/staff/account/">返回我的账户</a></p>
<div class="narrow"><?cs call:error_summary() ?><h1>添加验证器应用</h1>
<p class="lead">请先再次输入密码。下一页显示二维码和密钥，请在旁边没有他人时继续。</p>
<form method="post" action="/staff/account/app" class="stack"><?cs call:form_csrf() ?>
<label for="f-current">当前密码<?cs call:wrong("current") ?></label><input id="f-current" name="current" type="password" autocomplete="current-password" required>
<p class="actions"><button class="button">下一步</button></p></form></div>
<?cs /def ?><?cs include:"layout.cs" ?>
