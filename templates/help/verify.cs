<?cs include:"macros.cs" ?><?cs set:Title = "证书核验 - 操作手册" ?><?cs def:content() ?><div class="text"><p class="back"><a href="/help/">返回操作手册</a></p>
<h1>证书核验</h1>
<p class="lead">任何人都可以核验电子证书是否真实、当前是否有效，无需登录。</p>
<h2>怎样核验</h2>
<ol class="steps"><li>用手机扫描证书左下方的二维码，或在<a href="/verify/">证书核验</a>页面输入核验码。<li>确认浏览器地址栏中的网址属于本系统。<li>看页面最上方的结论。<li>将页面上的证书编号、姓名、企业名称、有效期与证书逐项对照。</ol>
<?cs call:picture("20-phone-valid", "扫描二维码之后看到的核验结果") ?>
<h2>结论的含义</h2>
<table class="list"><caption>核验结论</caption><thead><tr><th scope="col">结论<th scope="col">含义
<tbody><tr><th scope="row">有效<td>证书由本系统签发，查询时有效
<tr><th scope="row">暂扣、注销、失效等<td>证书由本系统签发，但查询时不能作为有效证书使用
<tr><th scope="row">旧版本，已作废<td>证书变更后换发过新的文件，请向持证人索取新的文件
<tr><th scope="row">未查询到<td>不是本系统签发的证书，请勿采信</table>
<h2>核验证明</h2>
<p>注销证明和离沪证明上也有二维码。打开的页面显示“证明真实”的，证明由本系统出具；请同时查看所列证书当前的状态。</p>
<p>为保护个人信息，核验页面不显示完整姓名和证件号码。</p></div>
<?cs /def ?><?cs include:"layout.cs" ?>
