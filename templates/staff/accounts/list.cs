<?cs include:"macros.cs" ?><?cs set:Title = "工作人员账户" ?><?cs def:content() ?><div class="head"><h1>工作人员账户</h1><p class="actions"><a class="button" href="/staff/accounts/new">增加账户</a></p></div>
<table class="list data"><caption>全部账户，按登录名排列</caption><thead><tr><th scope="col">登录名<th scope="col">姓名<th scope="col">岗位<th scope="col">状态<th scope="col">上次登录
<tbody>
<?cs each:row = Rows ?><tr><th scope="row"><a href="/staff/accounts/<?cs var:row.Id ?>"><?cs var:row.Login ?></a><td data-as="姓名"><?cs var:row.Name ?><td data-as="岗位"><?cs var:row.Role ?><td data-as="状态"><?cs if:row.Disabled ?><b class="s s04">已停用</b><?cs elif:row.Ready ?><b class="s">可以登录</b><?cs else ?><b class="s waiting">等待设置</b><?cs /if ?><td data-as="上次登录"><?cs if:row.LoginAt ?><?cs var:row.LoginAt ?><?cs else ?>从未登录<?cs /if ?>
<?cs /each ?></table>
<p class="quiet">系统管理员不办理业务，也不能查看个人信息。改变账户的每一步都记入审计。</p>
<p class="quiet"><a href="/help/staff-login">操作手册：工作人员登录</a></p>
<?cs /def ?><?cs include:"layout.cs" ?>
