<?cs include:"macros.cs" ?><?cs set:Title = "错误：数字证书没有通过核对" ?><?cs def:content() ?><div class="narrow"><h1>数字证书没有通过核对</h1>
<p class="lead"><?cs var:Login.Words ?></p>
<p class="todo"><b>请这样办理</b>请选择登记在您账户中的证书再试，或者改用其他方式。浏览器会记住上一次选择的证书，需要时请关闭浏览器的全部窗口。</p>
<p><a class="button" href="<?cs var:Login.Site ?>/staff/login/factor">返回第二重身份验证</a></p>
<p class="quiet">本次没有登录。需要帮助时，请说明请求编号 <code><?cs var:Request.Number ?></code>。</p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
