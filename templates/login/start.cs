<?cs include:"macros.cs" ?><?cs include:"_key.cs" ?><?cs set:Title = "系统登录" ?><?cs def:content() ?><div class="narrow"><h1>系统登录</h1>
<?cs if:Login.Lost ?><p class="note bad">登录已失效，刚才提交的内容没有办理。请重新登录，登录后将回到原来的业务。</p>
<?cs elif:Login.Next ?><p class="note">请先登录。登录后将回到您要打开的页面。</p>
<?cs /if ?><p class="lead">企业用户使用<b>法人一证通</b>登录。请将法人一证通插入电脑的 USB 接口，再选择一种登录方式。</p>
<form method="post" action="/login/key" class="key" data-purpose="login" data-first="/login/challenge"><?cs call:form_csrf() ?><input type="hidden" name="next" value="<?cs var:Login.Next ?>">
<section class="way"><h2>本机助手</h2><p>电脑上已安装并启动本机助手的，推荐使用。密码在助手自己的窗口中输入。</p>
<p class="actions"><button type="button" class="button" data-key="agent">用本机助手登录</button></p>
<p class="quiet"><?cs call:key_network() ?></p></section>
<section class="way"><h2>证书文件</h2><p>证书和密钥保存为 .p12 或 .pfx 文件的，可以使用。文件和密码只在本页面内使用，不会上传。</p>
<p class="actions"><button type="button" class="button plain" data-key="pkcs12">用证书文件登录</button></p></section></form>
<section class="way"><h2>浏览器的证书窗口</h2><p>由浏览器读取法人一证通：在弹出的窗口中选择本企业的证书，再按提示输入密码。不需要安装本机助手。</p>
<p class="actions"><a class="button plain" href="<?cs var:Login.Url ?>">用浏览器的证书窗口登录</a></p>
<details><summary>没有弹出选择证书的窗口？</summary><ul><li>确认已经插入法人一证通，并已安装它的驱动程序。<li>关闭浏览器的全部窗口，重新打开后再试：浏览器会记住上一次的选择。<li>仍然不行的，请联系法人一证通的发证机构。</ul></details></section>
<p>还没有法人一证通，或证书已过期？<a href="/help/login">查看登录说明</a></p>
<p>只想核验证书真伪？<a href="/verify/">无需登录，直接核验</a></p></div>
<?cs call:key_dialog("登录", "登录") ?><?cs call:key_scripts() ?><?cs /def ?><?cs include:"layout.cs" ?>
