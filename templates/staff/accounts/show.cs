<?cs include:"macros.cs" ?><?cs set:Title = Account.Name + " - 工作人员账户" ?><?cs def:content() ?><p class="back"><a href="/staff/accounts/">返回工作人员账户</a></p>
<?cs call:error_summary() ?><h1><?cs var:Account.Name ?>　<?cs if:Account.Disabled ?><b class="s s04">已停用</b><?cs elif:Account.Ready ?><b class="s">可以登录</b><?cs else ?><b class="s waiting">等待设置</b><?cs /if ?></h1>
<dl class="facts"><?cs call:fact("登录名", Account.Login) ?><?cs call:fact("岗位", Account.Role) ?><div><dt>上次登录<dd><?cs if:Account.LoginAt ?><?cs var:Account.LoginAt ?><?cs else ?>从未登录<?cs /if ?></div></dl>
<?cs if:?Factors.0.KindLabel ?><table class="list data"><caption>第二重身份验证</caption><thead><tr><th scope="col">类型<th scope="col">登记时间<th scope="col">上次使用
<tbody><?cs each:row = Factors ?><tr><th scope="row"><?cs var:row.KindLabel ?><td data-as="登记时间"><?cs var:row.Created ?><td data-as="上次使用"><?cs if:row.Used ?><?cs var:row.Used ?><?cs else ?>尚未使用<?cs /if ?><?cs /each ?></table>
<?cs /if ?><?cs if:?Sessions.0.From ?><table class="list data"><caption>登录状态</caption><thead><tr><th scope="col">登录时间<th scope="col">最近使用
<tbody><?cs each:row = Sessions ?><tr><th scope="row"><?cs var:row.From ?><td data-as="最近使用"><?cs var:row.Seen ?><?cs /each ?></table>
<?cs /if ?><?cs if:Account.Own ?><p class="note">这是您自己的账户。停用、改变岗位、重置登录方式，须由另一位系统管理员办理；修改密码请到<a href="/staff/account/">我的账户</a>。</p>
<?cs else ?><h2>岗位</h2>
<form method="post" action="/staff/accounts/<?cs var:Account.Id ?>/role" class="search"><?cs call:form_hidden() ?><label for="f-role">新岗位<?cs call:wrong("role") ?></label><select id="f-role" name="role"><?cs each:role = Roles ?><option value="<?cs var:role.Name ?>"<?cs if:role.Here ?> selected<?cs /if ?>><?cs var:role.Label ?><?cs /each ?></select><button class="button">改变岗位</button><span class="quiet">改变后，其登录立即结束。</span></form>
<h2>数字证书</h2>
<form method="post" action="/staff/accounts/<?cs var:Account.Id ?>/certificate" enctype="multipart/form-data" class="stack"><?cs call:form_hidden() ?><label for="f-file">登记本人的数字证书，作为密码之外的另一种验证（.cer、.crt、.pem，须由本系统认可的机构签发）<?cs call:wrong("file") ?></label><input type="file" id="f-file" name="file" accept=".cer,.crt,.pem,.der" required><button class="button plain">登记证书</button></form>
<h2>登录</h2>
<p class="actions"><a class="button plain" href="/staff/accounts/<?cs var:Account.Id ?>/code"><?cs if:Account.Ready ?>重置登录方式<?cs else ?>签发登记码<?cs /if ?></a><?cs if:Account.Disabled ?></p><form method="post" action="/staff/accounts/<?cs var:Account.Id ?>/enable" class="actions"><?cs call:form_hidden() ?><button class="button plain">恢复账户</button></form><?cs else ?><a class="button plain" href="/staff/accounts/<?cs var:Account.Id ?>/disable">停用账户</a></p>
<form method="post" action="/staff/accounts/<?cs var:Account.Id ?>/log-out" class="actions"><?cs call:form_hidden() ?><button class="button plain">结束其全部登录</button></form><?cs /if ?>
<?cs /if ?><?cs /def ?><?cs include:"layout.cs" ?>
