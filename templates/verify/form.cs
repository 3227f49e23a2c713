<?cs include:"macros.cs" ?><?cs set:Title = "证书核验" ?><?cs def:content() ?><div class="narrow"><?cs call:error_summary() ?><h1>证书核验</h1>
<p class="lead">核验三类人员安全生产考核合格证书（电子证书）是否真实、当前是否有效。无需登录。</p>
<h2>扫描二维码</h2>
<p>用手机扫描证书左下方的二维码，打开的页面即为核验结果。请确认浏览器地址栏中的网址属于本系统。</p>
<h2>输入核验码</h2>
<form action="/verify/" class="stack"><label for="f-code">核验码，或二维码中的完整网址</label><input id="f-code" name="code" value="<?cs var:Field.code ?>" maxlength="200" autocomplete="off" spellcheck="false" autocapitalize="off"><button class="button">核验</button></form>
<details><summary>核验结果说明什么？</summary><ul><li>核验页面显示的是查询当时的状态，请以它为准，不要只看证书文件。<li>页面上的证书编号、姓名、企业名称应与证书一致；不一致的，证书不可信。<li>为保护个人信息，页面不显示完整姓名和证件号码。</ul></details></div>
<?cs /def ?><?cs include:"layout.cs" ?>
