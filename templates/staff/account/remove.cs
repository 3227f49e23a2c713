<?cs include:"macros.cs" ?><?cs set:Title = "移除第二重身份验证" ?><?cs def:content() ?><p class="back"><a href="/staff/account/">返回我的账户</a></p>
<div class="narrow"><?cs call:error_summary() ?><h1>移除“<?cs var:Factor.Label ?>”</h1>
<p class="lead"><?cs var:Factor.KindLabel ?>，<?cs var:Factor.Created ?> 登记。移除后不能再用它登录，其他设备上的登录全部结束。</p>
<?cs if:Factor.Last ?><p class="note bad">这是最后一种，不能移除。请先添加另一种。</p>
<?cs else ?><form method="post" action="/staff/account/factors/<?cs var:Factor.Id ?>/remove" class="stack"><?cs call:form_csrf() ?>
<label for="f-current">当前密码<?cs call:wrong("current") ?></label><input id="f-current" name="current" type="password" autocomplete="current-password" required>
<p class="actions"><button class="button">移除</button><a href="/staff/account/">返回</a></p></form>
<?cs /if ?></div>
<?cs /def ?><?cs include:"layout.cs" ?>
