<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<title><?cs if:?Errors.0.text ?>错误：<?cs /if ?><?cs var:Title ?> - 三类人员电子证书</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<?cs # Where a script runs, it asks by itself. ?><?cs if:Refresh ?><noscript><meta http-equiv="refresh" content="<?cs var:Refresh ?>"></noscript>
<?cs /if ?><?cs if:NoIndex ?><meta name="robots" content="noindex">
<?cs /if ?><link rel="icon" href="/static/emblem.svg">
<link rel="stylesheet" href="/static/site.css?<?cs var:Static.Version ?>">
<?cs if:Session.Kind == "staff" ?><link rel="stylesheet" href="/static/staff.css?<?cs var:Static.Version ?>">
<?cs /if ?><script src="/static/site.js?<?cs var:Static.Version ?>" defer></script>
<body>
<a class="skip" href="#main">跳到主要内容</a>
<header class="top"><a href="/<?cs if:Session.Kind == "staff" ?>staff/<?cs /if ?>"><img src="/static/emblem.svg" alt="" width="38" height="38">上海市建设工程三类人员电子证书管理系统</a>
<?cs if:Session.Kind ?><div><span><?cs var:Session.Label ?></span><form method="post" action="/logout"><?cs call:form_csrf() ?><button>退出</button></form></div>
<?cs /if ?></header>
<?cs if:Site.Demo ?><aside class="demo" aria-label="演示环境">演示环境：证书以演示密钥签发，不具有法律效力</aside>
<?cs /if ?><div class="body">
<?cs if:Session.Kind == "firm" ?><nav class="menu" aria-label="业务菜单"><p>人员类办事</p><p>三类人员电子证书管理</p><ul><?cs each:entry = Menu ?><li><a href="/<?cs var:entry.Name ?>/"<?cs if:entry.Here ?> aria-current="page"<?cs /if ?>><?cs var:entry.Label ?></a><?cs /each ?></ul></nav>
<?cs elif:Session.Kind == "staff" ?><nav class="menu" aria-label="工作菜单"><p>受理窗口与管理部门</p><p>三类人员电子证书管理</p><ul><?cs each:entry = Menu ?><li><a href="/<?cs var:entry.Name ?>/"<?cs if:entry.Here ?> aria-current="page"<?cs /if ?>><?cs var:entry.Label ?></a><?cs /each ?></ul></nav>
<?cs /if ?><main id="main" tabindex="-1">
<?cs call:content() ?></main>
</div>
<footer><a href="/<?cs if:Session.Kind == "staff" ?>staff/<?cs /if ?>">首页</a><?cs if:Site.Notify && Session.Kind == "firm" ?><a href="/contact/">联系方式</a><?cs /if ?><a href="/help/<?cs var:Help ?>">操作手册</a><a href="/verify/">证书核验</a></footer>
