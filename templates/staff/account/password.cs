<?cs include:"macros.cs" ?><?cs set:Title = "修改密码" ?><?cs def:content() ?><p class="back"><a href="/staff/account/">返回我的账户</a></p>
<div class="narrow"><?cs call:error_summary() ?><h1>修改密码</h1>
<form method="post" action="/staff/account/password" class="stack"><?cs call:form_csrf() ?>
<label for="f-current">当前密码<?cs call:wrong("current") ?></label><input id="f-current" name="current" type="password" autocomplete="current-password" required>
<label for="f-password">新密码<?cs call:wrong("password") ?></label><input id="f-password" name="password" type="password" autocomplete="new-password" aria-describedby="rules" required>
<label for="f-again">再次输入新密码<?cs call:wrong("again") ?></label><input id="f-again" name="again" type="password" autocomplete="new-password" required>
<p class="quiet" id="rules">至少 12 个字符，可以使用空格和汉字，不要求大小写或数字的组合。不能使用常见的、已泄露的密码，也不能包含登录名。</p>
<p class="actions"><button class="button">修改密码</button></p></form>
<p class="quiet">修改后，其他设备上的登录全部结束。</p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
