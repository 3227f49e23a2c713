<?cs include:"macros.cs" ?><?cs set:Title = "使用登记码设置账户" ?><?cs def:content() ?><div class="narrow"><?cs call:error_summary() ?><h1>使用登记码设置账户</h1>
<p class="lead">登记码由系统管理员当面交给您，只能使用一次。请设置自己的密码，下一步设置第二重身份验证。</p>
<form method="post" action="/staff/login/code" class="stack"><?cs call:form_csrf() ?>
<label for="f-login">登录名<?cs call:wrong("login") ?></label><input id="f-login" name="login" value="<?cs var:Field.login ?>" autocomplete="username" autocapitalize="none" spellcheck="false" required>
<label for="f-code">登记码<?cs call:wrong("code") ?></label><input id="f-code" name="code" autocomplete="off" autocapitalize="characters" spellcheck="false" required>
<label for="f-password">新密码<?cs call:wrong("password") ?></label><input id="f-password" name="password" type="password" autocomplete="new-password" aria-describedby="rules" required>
<label for="f-again">再次输入新密码<?cs call:wrong("again") ?></label><input id="f-again" name="again" type="password" autocomplete="new-password" required>
<p class="quiet" id="rules">至少 12 个字符，可以使用空格和汉字，不要求大小写或数字的组合。不能使用常见的、已泄露的密码，也不能包含登录名。建议使用一句只有您知道的话。</p>
<p class="actions"><button class="button">下一步</button></p></form>
<p><a href="/staff/login/">返回登录</a></p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
