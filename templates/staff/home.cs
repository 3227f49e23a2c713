<?cs include:"macros.cs" ?><?cs set:Title = "工作首页" ?><?cs def:content() ?><h1><?cs var:Session.Label ?>，您好</h1>
<p class="lead">今天是 <?cs var:Today ?>。您的岗位：<?cs var:Role ?>。以下是您可以使用的功能。</p>
<?cs if:?Tiles.0.Label ?><ul class="tiles"><?cs each:tile = Tiles ?><li<?cs if:tile.Count > #0 ?> class="due"<?cs /if ?>><a href="<?cs var:tile.Link ?>"><b><?cs var:tile.Count ?></b><span><?cs var:tile.Label ?></span></a><?cs /each ?></ul>
<?cs /if ?><ul class="cards">
<?cs each:entry = Menu ?><?cs if:entry.Text ?><li><a href="/<?cs var:entry.Name ?>/"><?cs var:entry.Label ?></a><p><?cs var:entry.Text ?></p>
<?cs /if ?><?cs /each ?></ul>
<h2>帮助与安全</h2>
<ul class="cards">
<li><a href="/help/">操作手册</a><p>各项业务的办理步骤和常见问题。</p>
<li><form method="post" action="/logout/everywhere"><?cs call:form_csrf() ?><button class="link">退出所有设备上的登录</button></form><p>在其他电脑上忘记退出时使用。</p>
</ul>
<?cs /def ?><?cs include:"layout.cs" ?>
