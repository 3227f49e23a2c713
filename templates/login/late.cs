<?cs include:"macros.cs" ?><?cs set:Title = "错误：登录凭证已失效" ?><?cs def:content() ?><div class="narrow"><h1>登录凭证已失效</h1>
<p class="lead">登录凭证只能使用一次，并且须在 60 秒内、在开始登录的浏览器中使用。</p>
<p class="todo"><b>请这样办理</b>请重新登录。请不要收藏、转发登录过程中的网址，也不要打开他人发来的这类网址；仍然如此的，请确认浏览器允许本网站使用 Cookie。</p>
<p><a class="button" href="/login">重新登录</a></p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
