<?cs include:"macros.cs" ?><?cs set:Title = "系统登录" ?><?cs def:content() ?><div class="narrow"><h1>系统登录</h1>
<?cs if:Login.Wanted ?><p class="note">请先登录。登录后将回到您要打开的页面。</p>
<?cs /if ?><p class="lead">企业用户使用<b>法人一证通</b>登录。</p>
<ol class="steps"><li>将法人一证通插入电脑的 USB 接口。<li>点击“法人一证通登录”，在弹出的窗口中选择本企业的证书。<li>按提示输入法人一证通的密码。</ol>
<p><a class="button" href="<?cs var:Login.Url ?>">法人一证通登录</a></p>
<details><summary>没有弹出选择证书的窗口？</summary><ul><li>确认已经插入法人一证通，并已安装它的驱动程序。<li>关闭浏览器的全部窗口，重新打开后再试：浏览器会记住上一次的选择。<li>仍然不行的，请联系法人一证通的发证机构。</ul></details>
<p>还没有法人一证通，或证书已过期？<a href="/help/login">查看登录说明</a></p>
<p>只想核验证书真伪？<a href="/verify/">无需登录，直接核验</a></p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
