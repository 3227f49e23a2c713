<?cs include:"macros.cs" ?><?cs set:Title = "第二重身份验证" ?><?cs def:content() ?><div class="narrow"><?cs call:error_summary() ?><h1>第二重身份验证</h1>
<p class="lead">密码已通过。请再输入验证器应用当前显示的 6 位动态验证码。</p>
<form method="post" action="/staff/login/factor" class="stack"><?cs call:form_csrf() ?><input type="hidden" name="next" value="<?cs var:Login.Next ?>">
<label for="f-code">动态验证码<?cs call:wrong("code") ?></label><input id="f-code" name="code" inputmode="numeric" autocomplete="one-time-code" required>
<p class="actions"><button class="button">登录</button></p></form>
<p class="quiet">每个验证码只能使用一次，每 30 秒更换。10 分钟内没有完成的，须从密码重新开始。</p>
<p>手机丢失或无法使用？请联系系统管理员重置登录方式。<a href="/staff/login/">重新登录</a></p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
