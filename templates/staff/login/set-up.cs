<?cs include:"macros.cs" ?><?cs set:Title = "设置第二重身份验证" ?><?cs def:content() ?><div class="narrow"><?cs call:error_summary() ?><h1>设置第二重身份验证</h1>
<p class="lead">密码已设置。请再登记一种第二重身份验证，以后可以在“我的账户”中添加其他的。</p>
<form method="post" action="/staff/login/set-up/key" class="way key" data-webauthn="create" data-first="/staff/login/set-up/challenge"><?cs call:form_csrf() ?>
<h2>安全密钥（推荐）</h2>
<p>点击按钮，插入安全密钥，再按浏览器的提示触碰它。</p>
<p class="note bad" role="alert" tabindex="-1" hidden></p>
<p class="actions"><button class="button">登记安全密钥并登录</button></p></form>
<section class="way"><h2>验证器应用</h2>
<ol class="steps"><li>打开手机的验证器应用（支持 TOTP 的任何一种），选择“添加账户”，扫描二维码。<li>不能扫描的，手工输入下面的密钥（类型：基于时间）。<li>输入应用当前显示的 6 位动态验证码，完成设置。</ol>
<p><img class="qr" src="/staff/login/qr" alt="添加账户的二维码，内容是下面的密钥" width="220" height="220"></p>
<p>密钥：<code><?cs var:Totp.Secret ?></code></p>
<form method="post" action="/staff/login/set-up" class="stack"><?cs call:form_csrf() ?>
<label for="f-code">动态验证码<?cs call:wrong("code") ?></label><input id="f-code" name="code" inputmode="numeric" autocomplete="one-time-code" required>
<p class="actions"><button class="button plain">完成设置并登录</button></p></form>
<p class="quiet">请不要拍照、转发二维码或密钥。</p></section>
<p class="quiet">登记码在完成这一步后失效。</p></div>
<script type="module" src="/static/webauthn.js?<?cs var:Static.Version ?>"></script>
<?cs /def ?><?cs include:"layout.cs" ?>
