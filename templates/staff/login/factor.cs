<?cs include:"macros.cs" ?><?cs set:Title = "第二重身份验证" ?><?cs def:content() ?><div class="narrow"><?cs call:error_summary() ?><h1>第二重身份验证</h1>
<p class="lead">密码已通过。请再完成下面的<?cs if:subcount(Login.Way) > #1 ?>任意<?cs /if ?>一种验证。</p>
<?cs if:Login.Way.key ?><form method="post" action="/staff/login/key" class="way key" data-webauthn="get" data-first="/staff/login/key/challenge"><?cs call:form_csrf() ?><input type="hidden" name="next" value="<?cs var:Login.Next ?>">
<h2>安全密钥</h2>
<p>点击按钮，插入安全密钥，再按浏览器的提示触碰它。</p>
<p class="note bad" role="alert" tabindex="-1" hidden></p>
<p class="actions"><button class="button">使用安全密钥登录</button></p></form>
<noscript><p class="note">使用安全密钥需要启用浏览器的 JavaScript。</p></noscript>
<?cs /if ?><?cs if:Login.Way.totp ?><section class="way"><h2>验证器应用</h2>
<form method="post" action="/staff/login/factor" class="stack"><?cs call:form_csrf() ?><input type="hidden" name="next" value="<?cs var:Login.Next ?>">
<label for="f-code">动态验证码（应用当前显示的 6 位数字）<?cs call:wrong("code") ?></label><input id="f-code" name="code" inputmode="numeric" autocomplete="one-time-code" required>
<p class="actions"><button class="button<?cs if:subcount(Login.Way) > #1 ?> plain<?cs /if ?>">登录</button></p></form>
<p class="quiet">每个验证码只能使用一次，每 30 秒更换。</p></section>
<?cs /if ?><?cs if:Login.Way.certificate ?><section class="way"><h2>数字证书</h2>
<p>插入存有您的数字证书的 USB 密钥，在浏览器弹出的窗口中选择它。</p>
<p class="actions"><a class="button<?cs if:subcount(Login.Way) > #1 ?> plain<?cs /if ?>" href="<?cs var:Login.Certificate ?>">使用数字证书登录</a></p></section>
<?cs /if ?><p class="quiet">10 分钟内没有完成的，须从密码重新开始。手机或安全密钥丢失的，请联系系统管理员重置登录方式。<a href="/staff/login/">重新登录</a></p></div>
<?cs if:Login.Way.key ?><script type="module" src="/static/webauthn.js?<?cs var:Static.Version ?>"></script>
<?cs /if ?><?cs /def ?><?cs include:"layout.cs" ?>
