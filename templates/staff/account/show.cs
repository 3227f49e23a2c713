<?cs include:"macros.cs" ?><?cs set:Title = "我的账户" ?><?cs def:content() ?><h1>我的账户</h1>
<?cs if:Done == "password" ?><p class="note" role="status">密码已修改，其他所有登录已结束。</p>
<?cs elif:Done == "added" ?><p class="note" role="status">第二重身份验证已添加。</p>
<?cs elif:Done == "removed" ?><p class="note" role="status">第二重身份验证已移除，其他所有登录已结束。</p>
<?cs /if ?><dl class="facts"><?cs call:fact("登录名", Account.Login) ?><?cs call:fact("姓名", Account.Name) ?><?cs call:fact("岗位", Account.Role) ?><?cs call:fact("本次登录", Account.LoginAt) ?></dl>
<p class="actions"><a class="button plain" href="/staff/account/password">修改密码</a></p>
<h2>第二重身份验证</h2>
<p>登录时，密码之外还要使用其中一种。建议登记两种，一种丢失时可以使用另一种。至少保留一种。</p>
<table class="list data"><caption>已登记的第二重身份验证</caption><thead><tr><th scope="col">名称<th scope="col">类型<th scope="col">登记时间<th scope="col">上次使用<th scope="col">操作
<tbody>
<?cs each:row = Factors ?><tr><th scope="row" class="wrap"><?cs var:row.Label ?><td data-as="类型"><?cs var:row.KindLabel ?><td data-as="登记时间"><?cs var:row.Created ?><td data-as="上次使用"><?cs if:row.Used ?><?cs var:row.Used ?><?cs else ?>尚未使用<?cs /if ?><td><?cs if:Removable ?><a href="/staff/account/factors/<?cs var:row.Id ?>/remove">移除<span class="hide"> <?cs var:row.Label ?></span></a><?cs /if ?>
<?cs /each ?></table>
<?cs if:Full ?><p class="note">数量已达上限，请先移除不再使用的。</p>
<?cs else ?><p class="actions"><a class="button plain" href="/staff/account/key">添加安全密钥</a><a class="button plain" href="/staff/account/app">添加验证器应用</a></p>
<?cs /if ?><h2>登录</h2>
<form method="post" action="/logout/everywhere"><?cs call:form_csrf() ?><p class="actions"><button class="button plain">退出所有设备上的登录</button></p></form>
<p class="quiet"><a href="/help/staff-login">操作手册：工作人员登录</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
