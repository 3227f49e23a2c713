<?cs include:"macros.cs" ?><?cs set:Title = "工作人员登录" ?><?cs def:content() ?><div class="narrow"><?cs call:error_summary() ?><h1>工作人员登录</h1>
<?cs if:Login.Lost ?><p class="note bad">登录已失效，刚才提交的内容没有办理。请重新登录，登录后将回到原来的业务。</p>
<?cs elif:Login.Next ?><p class="note">请先登录。登录后将回到您要打开的页面。</p>
<?cs /if ?><p class="lead">受理窗口和管理部门的工作人员从这里登录。登录分两步：先输入密码，再完成第二重身份验证。</p>
<form method="post" action="/staff/login/" class="stack"><?cs call:form_csrf() ?><input type="hidden" name="next" value="<?cs var:Login.Next ?>">
<label for="f-login">登录名<?cs call:wrong("login") ?></label><input id="f-login" name="login" value="<?cs var:Field.login ?>" autocomplete="username" autocapitalize="none" spellcheck="false" required>
<label for="f-password">密码<?cs call:wrong("password") ?></label><input id="f-password" name="password" type="password" autocomplete="current-password" required>
<p class="actions"><button class="button">下一步</button></p></form>
<p>第一次登录，或登录方式已被重置？<a href="/staff/login/code">使用登记码设置</a></p>
<p>企业用户？<a href="/login">使用法人一证通登录</a></p>
<p><a href="/help/staff-login">登录说明</a></p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
