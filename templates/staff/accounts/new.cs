<?cs include:"macros.cs" ?><?cs set:Title = "增加账户" ?><?cs def:content() ?><p class="back"><a href="/staff/accounts/">返回工作人员账户</a></p>
<div class="narrow"><?cs call:error_summary() ?><h1>增加账户</h1>
<form method="post" action="/staff/accounts/" class="stack"><?cs call:form_hidden() ?>
<label for="f-login">登录名（2 至 32 个小写字母、数字、点、下划线或连字符）<?cs call:wrong("login") ?></label><input id="f-login" name="login" value="<?cs var:Field.login ?>" maxlength="32" autocomplete="off" autocapitalize="none" spellcheck="false" required>
<label for="f-name">姓名<?cs call:wrong("name") ?></label><input id="f-name" name="name" value="<?cs var:Field.name ?>" maxlength="64" autocomplete="off" required>
<label for="f-role">岗位（每个账户只有一个）<?cs call:wrong("role") ?></label><select id="f-role" name="role" required><option value="">请选择<?cs each:role = Roles ?><option value="<?cs var:role.Name ?>"<?cs if:role.Here ?> selected<?cs /if ?>><?cs var:role.Label ?><?cs /each ?></select>
<p class="actions"><button class="button">增加</button></p></form>
<p class="quiet">增加后，在账户页面签发登记码，当面交给本人。</p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
