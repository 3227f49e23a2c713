<?cs include:"macros.cs" ?><?cs set:Title = "错误：" + Login.Title ?><?cs def:content() ?><div class="narrow"><h1><?cs var:Login.Title ?></h1>
<p class="lead"><?cs var:Login.Cause ?></p>
<p class="todo"><b>请这样办理</b><?cs var:Login.Advice ?></p>
<p><a class="button" href="<?cs var:Login.Site ?>/login">重新登录</a></p>
<p class="quiet">本次没有登录。需要帮助时，请说明请求编号 <code><?cs var:Request.Number ?></code>。</p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
